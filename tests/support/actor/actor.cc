// SPDX-License-Identifier: MIT
//
// A program that does to sockets what its arguments say, one step each, and prints what came of it:
//
//   actor "socket l inet" "bind l 127.0.0.1" "listen l 5" "get l TCP_KEEPIDLE"
//
// prints `STEP = RESULT` for each. It knows nothing of the library: what it prints must not change
// under it, but where an option is read that the library sets. A call that is hooked also tells the
// errno that it left, if it left one: `-1 EAGAIN`. Lines go to ACTOR_OUT, or standard output.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "names.h"
#include "steps.h"

namespace actor {

int out_fd = 1;

void fail(const std::string& message) { throw std::runtime_error(message); }

namespace {

// Finishes whatever blocks, so that a fault is a failed test and not one that hangs.
void set_alarm() { alarm(kPatienceMilliseconds / 1000); }

// Of a script of many, whole.
bool is_collected = false;
std::string collected;

void flush() {
  if (write(out_fd, collected.data(), collected.size()) < 0) _exit(98);
  collected.clear();
}

void print(const std::string& line) {
  (collected += line) += '\n';
  if (!is_collected) flush();
}

Words split(const std::string& step) {
  std::istringstream stream(step);
  Words words;
  for (std::string w; stream >> w;) words.push_back(w);
  return words;
}

// `exec`: this program again, with nothing but the descriptors' numbers. `exec PROGRAM ARGUMENTS`:
// another one. What is left of the script comes after its arguments.
[[noreturn]] void execute(Words program, char** rest) {
  const std::string path = program.empty() ? "/proc/self/exe" : program[0];
  if (program.empty()) program = {"actor"};
  std::vector<char*> arguments;
  for (std::string& argument : program) arguments.push_back(argument.data());
  for (; *rest != nullptr; ++rest) arguments.push_back(*rest);
  arguments.push_back(nullptr);
  execv(path.c_str(), arguments.data());
  fail("exec " + path);
}

int play_all(char** steps);

// A script ends where it cannot go on.
int play(char** steps) {
  try {
    return play_all(steps);
  } catch (const std::runtime_error& error) {
    print(std::string("actor: ") + error.what());
    return 99;
  }
}

int play_all(char** steps) {
  for (; *steps != nullptr; ++steps) {
    const Words words = split(*steps);
    if (words.at(0) == "fork") {  // the rest is the child's
      flush();
      const pid_t child = fork();
      if (child == 0) {
        set_alarm();
        const int result = play(steps + 1);
        flush();
        std::exit(result);
      }
      int status = 0;
      waitpid(child, &status, 0);
      // `fork again`: the parent then does all the rest, too.
      if (words.size() == 1) return WIFEXITED(status) ? WEXITSTATUS(status) : 97;
    } else if (words[0] == "apart") {  // `apart COUNT`: so many steps are a script by themselves
      set_alarm();
      is_collected = true;
      char** const end = steps + 1 + number(words.at(1));
      char* const next = std::exchange(*end, nullptr);
      const int result = play(steps + 1);
      close_all();
      print("apart = " + std::to_string(result));
      flush();
      *end = next;
      steps = end - 1;
    } else if (words[0] == "thread") {  // the rest happens in another thread
      int result = 0;
      std::thread([&] { result = play(steps + 1); }).join();
      return result;
    } else if (words[0] == "exec") {  // the rest is the next program's
      execute(Words(words.begin() + 1, words.end()), steps + 1);
    } else {
      print(std::string(*steps) + " = " + perform(words));
    }
  }
  return 0;
}

}  // namespace
}  // namespace actor

int main(int /*argc*/, char** argv) {
  if (const char* out = std::getenv("ACTOR_OUT")) actor::out_fd = actor::number(out);
  actor::set_alarm();
  return actor::play(argv + 1);
}
