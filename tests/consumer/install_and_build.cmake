function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${work}/prefix ${work}/program)
run(${CMAKE_COMMAND} --install ${build} --component Development --prefix ${work}/prefix)
run(${CMAKE_COMMAND} -S ${source} -B ${work}/program -G Ninja
  -D CMAKE_PREFIX_PATH=${work}/prefix -D CMAKE_CXX_COMPILER=${compiler}
  -D CMAKE_CXX_FLAGS=${flags})
run(${CMAKE_COMMAND} --build ${work}/program)
run(${work}/program/consumer)
