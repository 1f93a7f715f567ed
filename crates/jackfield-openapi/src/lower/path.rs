//! Path templates.

/// The variables of a template, in order, each once.
pub(crate) fn variables(template: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let Some(length) = rest[open..].find('}') else { break };
        let name = &rest[open + 1..open + length];
        if !found.contains(&name) {
            found.push(name);
        }
        rest = &rest[open + length + 1..];
    }
    found
}

/// The template as requests use it: with a slash in front, without a fragment.
pub(crate) fn normalize(template: &str) -> String {
    let template = template.split('#').next().unwrap_or_default();
    if template.starts_with('/') { template.to_owned() } else { format!("/{template}") }
}

/// Whether the literal parts hold a segment that means "here" or "up".
pub(crate) fn has_dot_segment(template: &str) -> bool {
    let path = template.split('?').next().unwrap_or_default();
    path.split('/').any(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_in_order() {
        assert_eq!(variables("/a/{x}.{y}/{x}/{"), ["x", "y"]);
    }

    #[test]
    fn dot_segments_hide_in_escapes() {
        assert!(has_dot_segment("/a/%2e%2E/b"));
        assert!(!has_dot_segment("/a/..b/{x}"));
    }
}
