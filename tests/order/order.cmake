# SPDX-License-Identifier: Apache-2.0
# Read by CTest before each run: costs drawn from MNEME_TEST_SEED, and CTest starts the dearest
# first. Its own --schedule-random cannot be repeated.
if(NOT "$ENV{MNEME_TEST_SEED}" STREQUAL "")
    string(RANDOM LENGTH 1 RANDOM_SEED $ENV{MNEME_TEST_SEED} first)
    foreach(name ${MNEME_TEST_NAMES})
        string(RANDOM LENGTH 6 ALPHABET 123456789 cost)
        set_tests_properties(${name} PROPERTIES COST ${cost})
    endforeach()
endif()
