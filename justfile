# The habits of this repository. `just` lists them; each works without just too.

# List the recipes
default:
    @just --list --unsorted

# Build everything, optimised
build:
    cargo build --workspace --release

# Run all tests
test *ARGS:
    cargo test --workspace {{ ARGS }}

# Check format, lints and documentation, warnings being errors
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --workspace

# Check the licences, versions and sources of dependencies (cargo install cargo-deny --locked)
deny:
    cargo deny check licenses bans sources

# Record real logs with Node 16 to 26 into target/recordings (npm brings the versions)
record *ARGS:
    tests/record/record.sh {{ ARGS }}

# Record only what CI records
record-quick:
    tests/record/record.sh --quick

# Record one program four ways with Node 20, 22 and 24, and print how they agree; --runs N for more of each
compare *ARGS:
    tests/compare/record.sh {{ ARGS }}
    cargo build --release
    tests/compare/compare.py

# Measure beside the peers: v8, perf, cpuprofile, load, errors, others, merge, report (default all), or builds, scaling, instructions; --quick takes some minutes
bench *ARGS:
    tests/bench/bench.sh {{ ARGS }}

# Run the criterion benches, with our own profiler built in
criterion *ARGS:
    cargo bench -p spikeflame --features self-profile --bench pipeline -- {{ ARGS }}

# Simulate what `diff` promises, beside what others do; another SEED for other numbers
validate-diff *ARGS:
    cargo run --release -p spikeflame-diff --example validate_diff -- {{ ARGS }}

# Have other programs open our exports (speedscope, go tool pprof, DevTools' model, the Firefox Profiler)
accept *ARGS:
    tests/accept/accept.sh {{ ARGS }}

# Fuzz every reader, or the targets named: an hour in all, or as many seconds (cargo install cargo-fuzz)
fuzz *ARGS:
    fuzz/run.sh {{ ARGS }}

# Measure the plateau finder, and others, on simulated tests: [SEED [RUNS [CASE]]]
validate-plateau *ARGS:
    cargo run --release -p spikeflame-load --example validate_plateau -- {{ ARGS }}

# Build the page's script and style into the crate that includes them
page:
    cd web && npm ci --no-audit --no-fund && npm run check && npm test && npm run build

# Open pages in headless Chromium and do what a reader does
page-e2e:
    cargo build -p spikeflame
    cd web && npm ci --no-audit --no-fund && npm run e2e

# Take the page's pictures in docs/ anew; look at each before you commit it
page-pictures:
    cargo build -p spikeflame
    node tests/web/pictures.mjs

# Make and try what a release gives out, for this platform: target/package
package *ARGS:
    packaging/package.sh {{ ARGS }}

# Draw a real spike into target/demo.svg
demo:
    cargo run --release -- flame samples/spike/before-1 -o target/demo.svg

# Write the golden files anew; look at the diff before you commit it
bless:
    SPIKEFLAME_BLESS=1 cargo test --workspace

# Run what CI runs
ci:
    bash .ci/run
