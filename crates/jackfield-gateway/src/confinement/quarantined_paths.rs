//! The files of the system that a program in quarantine may read.

use std::io;
use std::path::{Path, PathBuf};

use super::paths::{Permitted, Rights, open_entry};

/// The folders of programs and libraries.
const PROGRAMS: [&str; 8] = ["/bin", "/gnu/store", "/lib", "/lib32", "/lib64", "/nix/store", "/sbin", "/usr"];

/// Settings without secrets, and facts about the machine. Other files of /etc and /proc can contain secrets of other programs.
const READABLE: [&str; 36] = [
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/ca-certificates.conf",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/pki/tls/certs",
    "/etc/pki/tls/openssl.cnf",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/timezone",
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/kernel/ngroups_max",
    "/proc/sys/kernel/osrelease",
    "/proc/sys/kernel/random",
    "/proc/sys/vm/max_map_count",
    "/proc/sys/vm/overcommit_memory",
    "/proc/uptime",
    "/proc/version",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
    "/sys/kernel/mm/transparent_hugepage",
];

/// The devices that lead nowhere.
const DEVICES: [&str; 5] = ["/dev/full", "/dev/null", "/dev/random", "/dev/urandom", "/dev/zero"];

/// Returns the files of the system that a program in quarantine may read. The paths are resolved, because a rule does not apply to the
/// target of a link.
///
/// # Errors
/// Returns an error if one of them cannot be opened.
pub(super) fn permitted() -> io::Result<Vec<Permitted>> {
    // The program has the process id of this process, and may see itself, but no other process.
    let own = PathBuf::from(format!("/proc/{}", std::process::id()));
    let programs = PROGRAMS.iter().map(|path| (PathBuf::from(path), Rights::Execute));
    let readable = READABLE.iter().map(|path| (PathBuf::from(path), Rights::Read));
    let devices = DEVICES.iter().map(|path| (PathBuf::from(path), Rights::Device));
    let mut found = Vec::new();
    for (path, rights) in programs.chain(readable).chain(devices).chain([(own, Rights::Read)]) {
        found.extend(open(&path, rights)?);
    }
    Ok(found)
}

fn open(path: &Path, rights: Rights) -> io::Result<Option<Permitted>> {
    let Ok(resolved) = path.canonicalize() else { return Ok(None) };
    Ok(open_entry(&resolved)?.map(|(file, is_folder)| Permitted { file, rights, is_folder }))
}
