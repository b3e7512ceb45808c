//! Real faults of a real system, each in a process of its own: a full disk (a small tmpfs), a limit
//! of file sizes, a failing fdatasync (by strace). The exchange halts, and what it told is there.

mod common;

use common::load::{check, load};
use common::{client, open_with, options};
use outcry_runtime::Options;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const FOLDER: &str = "OUTCRY_FAULT_FOLDER";
const FILE_BYTES: &str = "OUTCRY_FAULT_FILE_BYTES";

fn fault_options() -> Options {
    Options {
        segment_bytes: 4 << 20,
        // The fault itself is to be met.
        disk_reserve_bytes: 0,
        ..options()
    }
}

/// The child: loads the exchange in `data` until it halts, and leaves replies and halt beside it.
#[test]
#[ignore = "started by the other tests of this file, as a process of its own"]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let folder = PathBuf::from(folder);
    let data = folder.join("disk").join("data");
    let mut replies = File::create(folder.join("replies")).unwrap();
    let exchange = open_with(&data, fault_options());
    let client = client(&exchange);
    if let Ok(bytes) = std::env::var(FILE_BYTES) {
        let halt = load(&client, 4, Duration::from_millis(300), &mut replies);
        assert_eq!(halt, None);
        limit_files(bytes.parse().unwrap());
    }
    let halt = load(&client, 5, Duration::from_secs(30), &mut replies);
    drop((client, exchange));
    let reason = halt.map_or("none", |halt| halt.reason.name());
    std::fs::write(folder.join("halt"), reason).unwrap();
}

/// Lets no file of this process grow beyond so many bytes; a write there fails rather than kills.
fn limit_files(bytes: u64) {
    let limit = libc::rlimit {
        rlim_cur: bytes,
        rlim_max: bytes,
    };
    // SAFETY: both calls change settings of this process only; the limit is read during the call.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        assert_eq!(libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit), 0);
    }
}

/// A command that runs the child, itself started by `with` (nothing: directly).
fn child_command(with: &[&str], folder: &Path) -> Command {
    let own = std::env::current_exe().unwrap();
    let own = own.to_str().expect("a plain path");
    let words: Vec<&str> = with
        .iter()
        .copied()
        .chain([own, "--exact", "child", "--ignored"])
        .collect();
    let mut command = Command::new(words[0]);
    command
        .args(&words[1..])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// What the child halted by, once what it told was found in the data.
fn outcome(folder: &Path, data: &Path) -> String {
    let halt = std::fs::read_to_string(folder.join("halt")).unwrap_or_default();
    let replies = std::fs::read(folder.join("replies")).unwrap();
    let told = check(data, &fault_options(), &replies, &halt);
    assert!(told > 0, "it did something before: {halt}");
    halt
}

#[test]
fn a_limit_of_file_sizes_halts() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = child_command(&[], folder.path());
    assert!(
        command
            .env(FILE_BYTES, "1000000")
            .status()
            .unwrap()
            .success()
    );
    let halt = outcome(folder.path(), &folder.path().join("disk/data"));
    assert!(
        ["file_size_limit", "segment_failed"].contains(&&*halt),
        "{halt}"
    );
}

#[test]
fn a_full_disk_halts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().expect("a plain path");
    std::fs::create_dir(folder.path().join("disk")).unwrap();
    // The small disk goes with the namespace, so what it held is copied out.
    let script = format!(
        "mount -t tmpfs -o size=14m tmpfs {path}/disk && \"$@\"; cp -r {path}/disk/data {path}/left"
    );
    let with = ["unshare", "-Urm", "sh", "-c", &script, "sh"];
    let ran = child_command(&with, folder.path())
        .status()
        .is_ok_and(|status| status.success());
    if !ran {
        eprintln!("skipped: no small disk can be made here");
        return;
    }
    let halt = outcome(folder.path(), &folder.path().join("left"));
    assert!(["disk_full", "segment_failed"].contains(&&*halt), "{halt}");
}

#[test]
fn a_failing_fdatasync_halts() {
    let folder = tempfile::tempdir().unwrap();
    let inject = "inject=fdatasync:error=EIO:when=40+";
    let with = ["strace", "-f", "-o", "/dev/null", "-e", inject];
    let ran = child_command(&with, folder.path())
        .status()
        .is_ok_and(|status| status.success());
    if !ran {
        eprintln!("skipped: no strace here, or it may not trace");
        return;
    }
    let halt = outcome(folder.path(), &folder.path().join("disk/data"));
    assert!(
        ["sync_failed", "follower", "segment_failed"].contains(&&*halt),
        "{halt}"
    );
}
