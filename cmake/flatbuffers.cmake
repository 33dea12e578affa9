# reprise_flatbuffers(<target> <schema.fbs>...)
#
# Runs flatc over the schemas when they change. The code lands in the build folder and is included
# by <target> as "format/schema/<name>_generated.h", as a system header: its warnings are not ours.
set(REPRISE_GENERATED_DIR ${PROJECT_BINARY_DIR}/generated)

function(reprise_flatbuffers target)
  set(schemas ${ARGN})
  list(TRANSFORM schemas PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  set(folder ${REPRISE_GENERATED_DIR}/format/schema)
  foreach(schema IN LISTS schemas)
    cmake_path(GET schema STEM name)
    set(header ${folder}/${name}_generated.h)
    add_custom_command(OUTPUT ${header}
      COMMAND ${FLATC} --cpp --cpp-std c++17 --gen-object-api --scoped-enums -o ${folder} ${schema}
      DEPENDS ${schemas} ${FLATC}  # all of them, since schemas may include one another
      COMMENT "Generating format/schema/${name}_generated.h"
      VERBATIM)
    target_sources(${target} PRIVATE ${header})
  endforeach()
  target_include_directories(${target} SYSTEM PRIVATE $<BUILD_INTERFACE:${REPRISE_GENERATED_DIR}>)
endfunction()
