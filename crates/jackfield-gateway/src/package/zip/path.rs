//! The paths of entries in an archive.

use std::collections::BTreeMap;

/// The maximum number of bytes of a path, and of folders in each other.
const LONGEST: usize = 1024;
const DEEPEST: usize = 50;

/// Returns the parts of a path. `None` if it could lead out of a folder on some system.
pub(super) fn parts(name: &[u8]) -> Option<Vec<&str>> {
    let name = std::str::from_utf8(name).ok().filter(|name| name.len() <= LONGEST)?;
    let parts: Vec<&str> = name.trim_end_matches('/').split('/').collect();
    let is_plain = |part: &&str| {
        !["", ".", ".."].contains(part)
            && !part.contains(['\\', ':', '<', '>', '"', '|', '?', '*'])
            && !part.chars().any(char::is_control)
            && !part.ends_with([' ', '.'])
    };
    (parts.len() <= DEEPEST && parts.iter().all(is_plain)).then_some(parts)
}

/// The paths of an archive, without two that a file system without upper and lower case takes for one.
#[derive(Default)]
pub(super) struct PathSet(BTreeMap<String, (String, bool)>);

impl PathSet {
    /// Adds a path with its folders. Returns whether each of them is new, or a folder with the same spelling.
    pub(super) fn add(&mut self, parts: &[&str], is_folder: bool) -> bool {
        let mut path = String::new();
        for (part, number) in parts.iter().zip(1..) {
            path.push('/');
            path.push_str(part);
            let is_folder = is_folder || number < parts.len();
            let added = (path.clone(), is_folder);
            match self.0.get(&path.to_lowercase()) {
                Some(known) if is_folder && *known == added => {}
                Some(_) => return false,
                None => {
                    self.0.insert(path.to_lowercase(), added);
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_that_could_lead_out_of_a_folder_is_refused() {
        assert_eq!(parts(b"a/b.js"), Some(vec!["a", "b.js"]));
        assert_eq!(parts(b"a/"), Some(vec!["a"]));
        for name in [
            &b""[..],
            b"/",
            b"/a",
            b"../a",
            b"a/../b",
            b"a//b",
            b"./a",
            b"a\\..\\b",
            b"C:/a",
            b"a\0b",
            b"a\nb",
            b"\xff",
            b"a/b.",
            b"a /b",
        ] {
            assert_eq!(parts(name), None, "{:?}", String::from_utf8_lossy(name));
        }
        assert_eq!(parts(&[b'a'; 2000]), None);
    }

    #[test]
    fn two_entries_at_one_path_are_refused() {
        let mut paths = PathSet::default();
        assert!(paths.add(&["a", "b"], false) && paths.add(&["a", "c"], false) && paths.add(&["a"], true));
        for (parts, is_folder) in
            [(&["a", "b"][..], false), (&["A", "d"], false), (&["a"], false), (&["a", "b", "c"], false)]
        {
            assert!(!paths.add(parts, is_folder), "{parts:?}");
        }
    }
}
