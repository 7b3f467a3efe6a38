// SPDX-License-Identifier: MIT
#include "shim/system/auxiliary_vector.h"

#include <gtest/gtest.h>
#include <sys/auxv.h>

namespace sockopt::test {
namespace {

TEST(AuxiliaryVector, SaysWhatTheCLibrarySays) {
  for (const unsigned long type : {AT_PAGESZ, AT_SECURE, AT_EUID, AT_EXECFN, AT_PHDR, AT_RANDOM}) {
    EXPECT_EQ(system::auxiliary_value(type), getauxval(type)) << type;
  }
}

TEST(AuxiliaryVector, HasNothingOfATypeThatIsNone) {
  EXPECT_EQ(system::auxiliary_value(987654), std::nullopt);
}

}  // namespace
}  // namespace sockopt::test
