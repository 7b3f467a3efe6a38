// SPDX-License-Identifier: MIT
//
// A server that listens and does nothing else, with system calls of Go's own.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ready")
	for {
		if _, err := listener.Accept(); err != nil {
			os.Exit(1)
		}
	}
}
