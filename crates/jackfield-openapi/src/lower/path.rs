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

/// The template without the pairs of its query that only stand for a parameter, as in `/books?since={since}`: a
/// parameter `in: query` sends its own.
pub(crate) fn without_placeholders(template: &str, is_parameter: impl Fn(&str) -> bool) -> String {
    let Some((path, query)) = template.split_once('?') else { return template.to_owned() };
    let is_placeholder = |pair: &&str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        is_parameter(name) && (value.is_empty() || variables(value).len() == 1 && value.starts_with('{'))
    };
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_placeholder(pair)).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// Whether the query of the template gives the parameter a value of its own.
pub(crate) fn fixes(template: &str, name: &str) -> bool {
    let query = template.split_once('?').map_or("", |(_, query)| query);
    query.split('&').any(|pair| pair.split('=').next() == Some(name))
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
    fn placeholders_are_left_to_their_parameters() {
        let without = |template| without_placeholders(template, |name| name == "since" || name == "id");
        assert_eq!(without("/a?since={since}"), "/a");
        assert_eq!(without("/a?id&all=true"), "/a?all=true");
        assert_eq!(without("/a?since=2020&to={to}"), "/a?since=2020&to={to}");
        assert!(fixes("/a?since=2020", "since") && !fixes("/a?since=2020", "sinc"));
    }

    #[test]
    fn dot_segments_hide_in_escapes() {
        assert!(has_dot_segment("/a/%2e%2E/b"));
        assert!(!has_dot_segment("/a/..b/{x}"));
    }
}
