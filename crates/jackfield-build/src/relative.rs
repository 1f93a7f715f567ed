use std::path::{Component, Path};

/// Returns `to` relative to the folder `from`, with `/` as separator. Both paths have to be absolute and free
/// of links. If they are on different Windows drives, the result is `to` itself.
pub fn relative(from: &Path, to: &Path) -> String {
    let from: Vec<Component<'_>> = from.components().collect();
    let to_parts: Vec<Component<'_>> = to.components().collect();
    let common = from.iter().zip(&to_parts).take_while(|(a, b)| a == b).count();
    if common == 0 {
        return to.display().to_string();
    }
    let up = std::iter::repeat_n("..".to_owned(), from.len() - common);
    let down = to_parts[common..].iter().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::relative;
    use std::path::Path;

    #[test]
    fn relative_path_between_two_folders_is_computed() {
        assert_eq!(relative(Path::new("/a/b/c"), Path::new("/a/d.yaml")), "../../d.yaml");
        assert_eq!(relative(Path::new("/a"), Path::new("/a/b/d.yaml")), "b/d.yaml");
        assert_eq!(relative(Path::new("/a"), Path::new("/a")), ".");
    }
}
