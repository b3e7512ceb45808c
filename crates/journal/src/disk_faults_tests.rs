//! Goal: the disk that fails by order does so where it is told, and nowhere else. Method: each
//! fault and each loss once, with the bytes written out.

use super::*;
use crate::disk::{DiskFile, read_file, write_full};

fn disk_with_file() -> (FaultyDisk, PathBuf, Box<dyn DiskFile>) {
    let disk = FaultyDisk::new();
    disk.create_dir(Path::new("/data")).unwrap();
    let path = PathBuf::from("/data/file");
    let file = disk.open(&path, OpenMode::Create).unwrap();
    (disk, path, file)
}

#[test]
fn power_loss_keeps_what_was_synced() {
    let (disk, path, file) = disk_with_file();
    write_full(&*file, b"synced", 0).unwrap();
    file.sync_data().unwrap();
    disk.sync_dir(Path::new("/data")).unwrap();
    write_full(&*file, b"LOST", 0).unwrap();
    assert_eq!(disk.bytes(&path).unwrap(), b"LOSTed");
    disk.kill();
    assert_eq!(disk.bytes(&path).unwrap(), b"LOSTed");
    assert_eq!(
        file.len().unwrap_err().raw_os_error(),
        Some(libc::ESTALE),
        "a dead process's handle"
    );
    disk.lose_power(Loss::All);
    assert_eq!(disk.bytes(&path).unwrap(), b"synced");
}

#[test]
fn power_loss_forgets_names_that_were_not_synced() {
    let (disk, path, file) = disk_with_file();
    file.sync_data().unwrap();
    disk.lose_power(Loss::All);
    assert_eq!(disk.bytes(&path), None);
}

#[test]
fn power_loss_by_seed_tears_writes_at_sectors() {
    let (disk, path, file) = disk_with_file();
    write_full(&*file, &[0; 4096], 0).unwrap();
    file.sync_data().unwrap();
    disk.sync_dir(Path::new("/data")).unwrap();
    write_full(&*file, &[1; 4096], 0).unwrap();
    let mut torn = 0;
    for seed in 0..32 {
        let copy = disk.fork();
        copy.lose_power(Loss::Some(seed));
        let bytes = copy.bytes(&path).unwrap();
        let sectors = bytes.chunks(SECTOR);
        assert!(
            sectors
                .clone()
                .all(|sector| sector.iter().all(|byte| *byte == sector[0]))
        );
        let kept = sectors.filter(|sector| sector[0] == 1).count();
        torn += usize::from(kept > 0 && kept < 8);
    }
    assert!(torn > 16, "{torn} of 32");
}

#[test]
fn a_failed_sync_never_writes_its_bytes() {
    let (disk, path, file) = disk_with_file();
    file.sync_data().unwrap();
    disk.sync_dir(Path::new("/data")).unwrap();
    write_full(&*file, b"gone", 0).unwrap();
    disk.fail_call(Call::SyncData, 0, Fault::Device);
    assert_eq!(
        file.sync_data().unwrap_err().raw_os_error(),
        Some(libc::EIO)
    );
    assert_eq!(read_file(&disk, &path, 9).unwrap(), b"gone");
    file.sync_data().unwrap();
    disk.lose_power(Loss::All);
    assert_eq!(disk.bytes(&path).unwrap(), [0; 4]);
}

#[test]
fn a_short_write_is_followed_by_a_full_disk() {
    let (disk, path, file) = disk_with_file();
    disk.fail_after(1, Fault::Short);
    assert_eq!(file.write_at(b"abcdef", 0).unwrap(), 6);
    assert_eq!(file.write_at(b"ABCDEF", 0).unwrap(), 3);
    let error = file.write_at(b"x", 0).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::ENOSPC));
    assert_eq!(disk.bytes(&path).unwrap(), b"ABCdef");
    assert_eq!(disk.fired(), Some((Call::Write, path)));
}
