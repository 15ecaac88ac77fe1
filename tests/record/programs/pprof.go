// Records a CPU profile of Go: go run pprof.go OUT
package main

import (
	"context"
	"math"
	"os"
	"runtime/pprof"
	"time"
)

// Small enough that Go inlines it into its caller.
func root(x float64) float64 { return math.Sqrt(x) + math.Cbrt(x) }

//go:noinline
func roots(n int) (sum float64) {
	for i := 0; i < n; i++ {
		sum += root(float64(i))
	}
	return sum
}

func work(d time.Duration) (sum float64) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		sum += roots(100_000)
	}
	return sum
}

func main() {
	out, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	if err := pprof.StartCPUProfile(out); err != nil {
		panic(err)
	}
	work(300 * time.Millisecond)
	pprof.Do(context.Background(), pprof.Labels("endpoint", "GET /boards"), func(context.Context) {
		work(300 * time.Millisecond)
	})
	pprof.StopCPUProfile()
}
