//! Finds the other paths of a file, under other mounts of its file system.

use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

/// A line of /proc/self/mountinfo.
struct Mount {
    device: String,
    /// The root of the mount, as a path in its file system.
    root: PathBuf,
    place: PathBuf,
}

impl Mount {
    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split(' ').collect();
        let [_, _, device, root, place, ..] = fields[..] else { return None };
        Some(Self { device: device.to_owned(), root: unescaped(root), place: unescaped(place) })
    }
}

/// Decodes a path in mountinfo, in which spaces and some other characters are octal escapes such as `\040`.
fn unescaped(text: &str) -> PathBuf {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let octal = (*first == b'\\').then(|| after.get(..3)).flatten();
        let octal = octal.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        match octal {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[3..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    PathBuf::from(std::ffi::OsString::from_vec(bytes))
}

/// Returns the other paths at which a file or folder, or a part of the folder, is mounted. `path` must not contain symbolic links.
pub(super) fn aliases(mountinfo: &str, path: &Path) -> Vec<PathBuf> {
    let mounts: Vec<Mount> = mountinfo.lines().filter_map(Mount::parse).collect();
    // If several file systems are mounted at the deepest mount point, the last one is visible.
    let above = mounts.iter().filter(|mount| path.starts_with(&mount.place));
    let Some(own) = above.max_by_key(|mount| mount.place.components().count()) else { return Vec::new() };
    let Ok(rest) = path.strip_prefix(&own.place) else { return Vec::new() };
    let inner = own.root.join(rest);
    let others = mounts.iter().filter(|mount| mount.device == own.device);
    let found = others.filter_map(|mount| match inner.strip_prefix(&mount.root) {
        Ok(rest) => Some(mount.place.join(rest)),
        // A part of the folder is mounted elsewhere.
        Err(_) => mount.root.starts_with(&inner).then(|| mount.place.clone()),
    });
    found.map(|alias| alias.components().collect()).filter(|alias: &PathBuf| alias != path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_paths_to_a_protected_folder_are_found_in_every_mount() {
        let mounts = "\
22 1 254:0 / / rw - ext4 /dev/vda rw
23 22 0:21 / /proc rw - proc proc rw
30 22 0:40 /@data /data rw - btrfs /dev/sda rw
31 22 0:40 / /mnt/top rw - btrfs /dev/sda rw
32 22 0:40 /@data/u/state/vault /srv/a\\040b rw - btrfs /dev/sda rw
33 22 254:0 /data/u/state /other rw - ext4 /dev/vda rw";
        let of = |path: &str| aliases(mounts, Path::new(path));
        let expected = [PathBuf::from("/mnt/top/@data/u/state"), "/srv/a b".into()];
        assert_eq!(of("/data/u/state"), expected);
        assert_eq!(of("/var/lib/x"), [] as [PathBuf; 0]);
    }
}
