// SPDX-License-Identifier: MIT
//
// As keeper.c, with what Go's library does of itself: net/http, which turns keepalive on for every
// connection, after 15 seconds, by setsockopt.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

func main() {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	handler := http.HandlerFunc(func(out http.ResponseWriter, request *http.Request) {
		io.WriteString(out, "hello\n")
	})
	go http.Serve(listener, handler)
	answer, err := http.Get("http://" + listener.Addr().String() + "/")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	io.Copy(io.Discard, answer.Body)
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	select {}
}
