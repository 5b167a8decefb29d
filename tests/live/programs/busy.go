// SPDX-License-Identifier: Apache-2.0

// A static Go program: goroutines on several threads, a child, a socket, files.
package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
)

func main() {
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			name := fmt.Sprintf("/tmp/go%d", i)
			if os.WriteFile(name, []byte(name), 0600) != nil || os.Remove(name) != nil {
				os.Exit(1)
			}
		}(i)
	}
	group.Wait()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		listener.Close()
	}
	if exec.Command("/bin/true").Run() != nil {
		os.Exit(1)
	}
}
