"""The sections of docs/benchmarks.md about Reprise itself."""

import json

import own_tables as own
import peer_tables
import scale_tables
import target_table
from bench_results import counter, median
from page import paragraph, section, table


def target_section(sources):
    rows, met = target_table.rows(sources)
    text = f"""What was promised beside what was measured: {met} of {len(rows)} are met."""
    return section("Targets", text, table(target_table.HEADER, rows))


def log_section(log):
    text = """What a log computes with all that follows from it: nanoseconds of the CPU time of the
    whole process a row, over runs of 262,144 rows (100 keys: 40,960; 1,000: 4,096) under `kNone`,
    from their start to their finish, sealing in the background included."""
    call_text = "How long a call takes, in microseconds: float32 values, prepared."
    beside_text = "Beside what logging takes at least, in turns with it. " + own.threads_text(log)
    return section(
        "Reprise itself: logging", text,
        table(own.ALL_IN_HEADER, own.all_in_rows(log)),
        paragraph(call_text) + "\n", table(own.CALL_HEADER, own.call_rows(log)),
        paragraph(beside_text) + "\n", table(own.BESIDE_HEADER, own.beside_rows(log)),
        paragraph(own.latency_text(log)) + "\n", table(own.LATENCY_HEADER, own.latency_rows(log)))


def bulk_section(store):
    text = """Appending columns and sealing, each to the catalog's commit, with the syncs that it
    waits for. A segment has at most 65,536 rows and 8 MiB, so those of 100 keys are shorter."""
    merge_text = """Merging the small segments of short sessions, 10 float32 keys. The CPU time is
    that of the background thread, over the rows of the parts, or over those logged."""
    upkeep_text = """Coming back to a store, files in the page cache. The default mode of verify
    checks every byte against its checksum, --deep decodes every row too, and --quick leaves out
    the rows."""
    return section(
        "Reprise itself: bulk work", text, table(own.BULK_HEADER, own.bulk_rows(store)),
        paragraph(merge_text) + "\n", table(own.MERGE_HEADER, own.merge_rows(store)),
        paragraph(upkeep_text) + "\n", table(["what", "takes"], own.upkeep_rows(store)))


def reading_section(read):
    text = """Of finished runs: the made one, 10 float32 keys and 100,000 rows, and the real one, 1
    key and 142,999 rows. Each reading opens the history anew; files are in the page cache.
    Microseconds."""
    header = ["reading", "made run", "real run"]
    run_text = "What is known of runs without reading their rows, in a store of 1,000."
    return section(
        "Reprise itself: reading", text, table(header, own.reading_rows(read)),
        paragraph(run_text) + "\n", table(["reading", "µs"], own.run_reading_rows(read)))


def branch_section(branch):
    text = """Rewinding and forking by rows and depth of the lineage, on stable storage:
    microseconds, medians of 300, in brackets what the thread computed. The limit is an append of
    256 bytes with an fdatasync, in turns with them."""
    return section("Reprise itself: rewinding and forking", text,
                   table(own.BRANCH_HEADER, own.branch_rows(branch)))


def scale_section(scale, stores):
    text = """The sizes that the engine is designed for. Work is done in processes of its own;
    memory is the most that was resident, and of it what no file is mapped to."""
    build_text = """The large stores are built once a machine (`scale_stores`); bytes are those of
    catalog and packs."""
    parts = [table(scale_tables.WORK_HEADER, scale_tables.work_rows(scale)),
             table(["figure", ""], scale_tables.figure_rows(scale))]
    if stores:
        build_rows = scale_tables.build_rows(stores)
        parts += [paragraph(build_text) + "\n", table(scale_tables.BUILD_HEADER, build_rows)]
    else:
        parts.append("The large stores were not there.\n")
    return section("Scale", text, *parts)


def sample_section(sample):
    text = """1,000 buckets of one float32 key, all rows sealed. Warm is from the second sample of a
    key on. Microseconds."""
    sizes = (1_000_000, 10_000_000)
    header = ["what", *(f"{size:,} rows" for size in sizes)]
    return section("Sampling", text, table(header, own.sample_rows(sample, sizes)))


def codec_section(codec, base):
    size, speed, share = (
        median(codec.repetitions["Suite"], counter(name))
        for name in ("mean_bytes_per_value", "median_decode_GB_per_s", "median_decode_of_memcpy")
    )
    base_speed, base_share = (
        median(base.repetitions["Suite"], counter(name))
        for name in ("median_decode_GB_per_s", "median_decode_of_memcpy")
    )
    label = codec.repetitions["Suite"][0]["label"]
    text = f"""Columns of 65,536 values, drawn as training runs log them (`bench/codec_suite.cc`),
    the last three of them chosen against the encoder; and histograms of 64 counts, as the JSON
    that trackers log. The mean of the 40 from runs is {size:.3f} bytes a value; their median
    decoder gives {speed:.1f} GB/s, {share:.2f} times what copying 64 MiB gives, on {label}. With the kernels for any x86-64 it gives {base_speed:.1f} GB/s,
    {base_share:.2f} times."""
    speeds = own.slow_speeds(codec)
    fast = sum(speed >= 1e8 for speed in speeds.values())
    slow_text = f"""Encoding what was made to be slow to encode (`bench/slow_inputs.h`): numbers
    that a guess fits almost, texts that are almost templates, keys that collide. {fast} of
    {len(speeds)} columns are encoded at 100 MB or more a second of one core; these are the
    slowest. Bytes are those of the input, 8 a number or the text's; none of the columns has fewer
    than 64 numbers or 1 KiB of text, since below that the fixed cost of a column decides."""
    return section("The codec", text, table(own.CODEC_HEADER, own.codec_rows(codec)),
                   paragraph(slow_text) + "\n", table(own.SLOW_HEADER, own.slow_rows(codec)))


def client_section(results_dir):
    path = results_dir / "clients.json"
    if not path.exists():
        return section("The clients themselves", "Not measured: scripts/bench.sh --clients does.")
    clients = json.loads(path.read_text(encoding="utf-8"))
    text = f"""As their users run them: 10,000 logs of 10 metrics, then one curve read back.
    Seconds of the whole process, with what starting it takes, and megabytes on disk;
    {clients["python"]}, load of the machine {clients["load"]}. Medians of three processes, or
    one if it took over a minute; in brackets the worst."""
    header = ["client", "language", "logging, s", "reading, s", "MB on disk"]
    rows = peer_tables.client_rows(clients)
    return section("The clients themselves", text, table(header, rows))
