// SPDX-License-Identifier: MIT
//
// libzmq wherever it is: behind us in load order, loaded for one of Python's modules only, under a
// wheel's name, two of them at once, gone and back again.
#include "tests/support/sockopt_command.h"
#include "tests/zmq/zmq_library.h"

namespace sockopt::test {
namespace {

const Environment kLinger = {{"SOCKOPT_ZMQ_LINGER", "1234ms"}};

Finished host(std::vector<std::string> words, const Environment& variables = kLinger) {
  words.insert(words.begin(), zmq_program("host"));
  return run({.argv = std::move(words), .environment = both_environment(variables)});
}

TEST(ZmqRealFunction, OfAPythonModule) {
  SOCKOPT_NEEDS_PYZMQ();
  const Finished python =
      run({.argv = {kSystemPython, "-c",
                    "import zmq; print(zmq.Context().socket(zmq.PUB).getsockopt(zmq.LINGER))"},
           .environment = zmq_environment(kLinger)});
  EXPECT_EQ(python.output, "1234\n") << python.error;
  EXPECT_EQ(python.error, "");
}

TEST(ZmqRealFunction, OfManyThreadsAndOfAForkedChild) {
  SOCKOPT_NEEDS_ZMQ();
  const Finished threads =
      run({.argv = {zmq_program("threads"), "1234"}, .environment = both_environment(kLinger)});
  EXPECT_EQ(threads.output, "threads: 400 of 400\nchild: 1\nparent: 1\n") << threads.error;
  EXPECT_EQ(threads.error, "");
}

// Nobody can be waited for in a forked child: the thread that held the loader's list is not there.
TEST(ZmqRealFunction, IsFoundInAChildThatWasForkedWhileTheLoadersListWasHeld) {
  SOCKOPT_NEEDS_ZMQ();
  const std::string plugin = zmq_program("zmq_system.so");
  const auto held = [&](std::vector<std::string> words, const Environment& environment) {
    words.insert(words.begin(), {zmq_program("held"), plugin});
    return run({.argv = std::move(words), .environment = environment}, Milliseconds{100'000});
  };
  ASSERT_EQ(held({}, plain_environment()).output, "child -1\n") << "it waits without us as well";
  EXPECT_EQ(held({}, both_environment(kLinger)).output, "child 1234\n");
  EXPECT_EQ(held({"again"}, both_environment(kLinger)).output, "parent 1234\nchild 1234\n");
}

TEST(ZmqRealFunction, OfAThreadThatComesWhileAnotherStartsTheLibrary) {
  SOCKOPT_NEEDS_ZMQ();
  Environment environment = both_environment(kLinger);
  environment["EARLY_LINGER"] = "1234";
  EXPECT_EQ(run({.argv = {zmq_program("uses_early")}, .environment = environment}).output,
            "early: 8 of 8\n");
}

// What only wraps libzmq's function is called, and what it lacks is libzmq's.
TEST(ZmqRealFunction, OfALibraryThatWrapsOneOfThem) {
  SOCKOPT_NEEDS_ZMQ();
  Environment environment = both_environment(kLinger);
  environment["LD_PRELOAD"] += ":" + zmq_program("wrapper.so").string();
  EXPECT_EQ(probe({"make", "5", "bind", "tcp://127.0.0.1:*", "get", "17", "close"}, environment),
            (std::vector<std::string>{"wrapped", "make: 1, errno kept", "bind: 0", "get: 0 1234",
                                      "close: 0"}));
  const Finished local = host({zmq_program("zmq_wrapped.so"), zmq_program("zmq_wrapped.so")});
  EXPECT_EQ(count(local.output, "wrapped\nlinger 1234, libzmq.so.5 not loaded\n"), 2)
      << local.output << local.error;
}

TEST(ZmqRealFunction, OfTheOneThatIsLoadedForTheWholeProgram) {
  SOCKOPT_NEEDS_ZMQ();
  const std::vector<std::string> words = {"global", zmq_program("libzmq-0f3b5a2c.so.5"),
                                          zmq_program("zmq_system.so")};
  std::vector<std::string> argv = words;
  argv.insert(argv.begin(), zmq_program("host"));
  EXPECT_TRUE(
      contains(run({.argv = argv, .environment = plain_environment()}).output, "linger 4711,"));
  const Finished with = host(words);
  EXPECT_TRUE(contains(with.output, "other libzmq: 17 = 1234\nlinger 1234,"))
      << with.output << with.error;
}

TEST(ZmqRealFunction, IsFoundByTheCLibrarysFunctionsAndNotTheProgramsOwn) {
  SOCKOPT_NEEDS_ZMQ();
  const Finished own = run({.argv = {zmq_program("own_iterate"), zmq_program("zmq_system.so")},
                            .environment = both_environment(kLinger)});
  EXPECT_TRUE(contains(own.output, "linger 1234,")) << own.output << own.error;
}

TEST(ZmqRealFunction, OfALibraryThatIsUnloadedAndLoadedAgain) {
  SOCKOPT_NEEDS_ZMQ();
  const std::string plugin = zmq_program("zmq_system.so");
  const Finished again = host({plugin, plugin, plugin});
  EXPECT_EQ(count(again.output, "linger 1234, libzmq.so.5 not loaded\n"), 3)
      << again.output << again.error;
}

TEST(ZmqRealFunction, OfALibraryInPlaceOfAnother) {
  SOCKOPT_NEEDS_ZMQ();
  const std::string system = zmq_program("zmq_system.so");
  const std::string wheel = zmq_program("zmq_wheel.so");
  const Finished turns = host({system, wheel, system, wheel});
  EXPECT_EQ(count(turns.output, "linger 1234, libzmq.so.5 not loaded\n"), 4)
      << turns.output << turns.error;
  EXPECT_EQ(count(turns.output, "other libzmq: 17 = 1234\n"), 2) << turns.output;
}

TEST(ZmqRealFunction, OfTheOneThatTheCallerIsLinkedTo) {
  SOCKOPT_NEEDS_ZMQ();
  for (const bool system_first : {true, false}) {
    std::vector<std::string> words = {"keep", zmq_program("zmq_system.so"),
                                      zmq_program("zmq_wheel.so")};
    if (!system_first) std::swap(words[1], words[2]);
    const Finished both = host(words);
    EXPECT_EQ(count(both.output, "linger 1234"), 4) << both.output << both.error;
    EXPECT_EQ(count(both.output, "other libzmq: 17 = 1234\n"), 2) << both.output;
    EXPECT_EQ(count(both.output, "an error is left"), 0) << "which dlerror would tell the program";
  }
}

TEST(ZmqRealFunction, AnOldLibrarySaysWhatItDoesNotKnow) {
  SOCKOPT_NEEDS_ZMQ();
  const std::string plugin = zmq_program("zmq_wheel.so");
  const Finished twice = host(
      {plugin, plugin}, {{"SOCKOPT_ZMQ_LINGER", "1234ms"}, {"SOCKOPT_ZMQ_HEARTBEAT_IVL", "5s"}});
  EXPECT_EQ(count(twice.output, "linger 1234"), 2) << twice.output;
  EXPECT_TRUE(contains(twice.error,
                       "warning: ZeroMQ DEALER socket: heartbeat_ivl = 5s "
                       "(SOCKOPT_ZMQ_HEARTBEAT_IVL) was not set: libzmq 4.1.5 does not know it, "
                       "which came with 4.2\n"));
  EXPECT_EQ(count(twice.error, "\n"), 1) << twice.error;
}

// The sockets that libzmq makes for itself are its own: its monitor's would keep the context from
// ending.
TEST(ZmqRealFunction, LibzmqsOwnSocketsAreLeftAlone) {
  SOCKOPT_NEEDS_PYZMQ();
  const Finished python = run(
      {.argv = {kSystemPython, "-c",
                "import zmq\n"
                "context = zmq.Context()\n"
                "socket = context.socket(zmq.PUB)\n"
                "monitor = socket.get_monitor_socket()\n"
                "socket.disable_monitor()\n"
                "del monitor\n"
                "socket.close()\n"
                "context.term()\n"
                "print('ended')\n"},
       .environment = zmq_environment(
           {{"SOCKOPT_ZMQ_LINGER", "-1"}, {"SOCKOPT_ENFORCE", "1"}, {"SOCKOPT_LOG", "debug"}})});
  EXPECT_EQ(python.output, "ended\n");
  EXPECT_EQ(count(python.error, "PAIR socket created"), 1)
      << "pyzmq's end of the monitor, and not libzmq's: " << python.error;
}

// Whoever asks for a zmq_socket where there is no libzmq is told so.
TEST(ZmqRealFunction, IsMissingWhereThereIsNone) {
  const Finished python = run({.argv = {kSystemPython, "-c",
                                        "import ctypes, os\n"
                                        "own = ctypes.CDLL(None, use_errno=True)\n"
                                        "print(own.zmq_socket(None, 1), "
                                        "os.strerror(ctypes.get_errno()))\n"},
                               .environment = zmq_environment(kLinger)});
  EXPECT_EQ(python.output, "0 Function not implemented\n") << python.error;
}

}  // namespace
}  // namespace sockopt::test
