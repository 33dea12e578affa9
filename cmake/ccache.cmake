# Compiles through ccache where it is installed, so that checkouts of the project share objects:
# paths below the source folder are hashed as relative ones. The settings travel in the command,
# not in the caller's environment, so a plain `ninja` gets them too.
find_program(CCACHE_PROGRAM ccache)
mark_as_advanced(CCACHE_PROGRAM)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=true ${CCACHE_PROGRAM})
endif()
