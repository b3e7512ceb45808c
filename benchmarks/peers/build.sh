#!/bin/bash
# Builds the peers that this machine has the tools for into FOLDER; says which it leaves out.
# Each becomes a program of its own name there: `NAME LOG RUNS` (see docs/benchmarks.md).
# Usage: benchmarks/peers/build.sh FOLDER
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)

leave_out() {
    echo "peers: $1 is left out: $2" >&2
}

# A function behind `||` goes on after a failure, whatever `set -e` says: each says so itself.
build_orderbook_rs() {
    cargo build --release --locked --quiet --manifest-path "$here/rust/Cargo.toml" \
        --target-dir "$folder/rust" &&
        ln -sf rust/release/orderbook-rs-peer "$folder/orderbook-rs"
}

build_exchange_core() {
    local made=$folder/java
    mvn --quiet --batch-mode --file "$here/exchange-core/pom.xml" -Dmade="$made" \
        compile dependency:copy-dependencies -DoutputDirectory="$made/lib" || return
    cat >"$folder/exchange-core.new" <<'PROGRAM'
#!/bin/bash
folder=$(dirname "${BASH_SOURCE[0]}")/java
exec java -Xms2g -Xmx3g -XX:+UseParallelGC -cp "$folder/classes:$folder/lib/*" ExchangeCorePeer "$@"
PROGRAM
    chmod +x "$folder/exchange-core.new"
    mv "$folder/exchange-core.new" "$folder/exchange-core"
}

build_orderbook_rs || leave_out orderbook-rs "cargo could not build it"
if command -v java >/dev/null && command -v mvn >/dev/null; then
    build_exchange_core || leave_out exchange-core "mvn could not build it"
else
    leave_out exchange-core "it needs java (17 or newer) and mvn"
fi
