// The original engine on one mapping: message bytes in, message bytes out, one core. Prints one JSON line.
//
// usage: bloblang CASES.json NAME SECONDS
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/redpanda-data/benthos/v4/public/bloblang"
	_ "github.com/redpanda-data/benthos/v4/public/components/pure"
	"github.com/redpanda-data/benthos/v4/public/service"
)

type work struct {
	Name    string            `json:"name"`
	Mapping string            `json:"mapping"`
	Input   string            `json:"input"`
	Meta    map[string]string `json:"meta"`
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func find(path, name string) work {
	text, err := os.ReadFile(path)
	check(err)
	var all []work
	check(json.Unmarshal(text, &all))
	for _, one := range all {
		if one.Name == name {
			return one
		}
	}
	check(fmt.Errorf("no mapping is called %s", name))
	return work{}
}

func cpuSeconds() float64 {
	var used syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return float64(used.Utime.Sec+used.Stime.Sec) + float64(used.Utime.Usec+used.Stime.Usec)/1e6
}

func main() {
	runtime.GOMAXPROCS(1)
	one := find(os.Args[1], os.Args[2])
	seconds, err := strconv.ParseFloat(os.Args[3], 64)
	check(err)
	program, err := bloblang.Parse(one.Mapping)
	check(err)
	input := []byte(one.Input)
	batch := make(service.MessageBatch, 1)
	pass := func() []byte {
		message := service.NewMessage(input)
		for key, item := range one.Meta {
			message.MetaSetMut(key, item)
		}
		batch[0] = message
		mapped, err := batch.BloblangQuery(0, program)
		check(err)
		out, err := mapped.AsBytes()
		check(err)
		return out
	}
	output := string(pass())
	const together = 16
	for begun := time.Now(); time.Since(begun).Seconds() < seconds/5; {
		pass()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, begun, messages := cpuSeconds(), time.Now(), 0
	for time.Since(begun).Seconds() < seconds {
		for i := 0; i < together; i++ {
			pass()
		}
		messages += together
	}
	wall, used := time.Since(begun).Seconds(), cpuSeconds()-cpu
	runtime.ReadMemStats(&after)
	line, err := json.Marshal(map[string]any{
		"messages": messages, "wall_ns": wall * 1e9 / float64(messages), "cpu_ns": used * 1e9 / float64(messages),
		"allocations": float64(after.Mallocs-before.Mallocs) / float64(messages), "output": output})
	check(err)
	fmt.Println(string(line))
}
