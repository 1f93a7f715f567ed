//! Path templates.

/// Returns the variables of a template in order, without duplicates.
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

/// Returns the template in the form that requests use: with a leading slash, without a fragment.
pub(crate) fn normalize(template: &str) -> String {
    let template = template.split('#').next().unwrap_or_default();
    if template.starts_with('/') { template.to_owned() } else { format!("/{template}") }
}

/// Renames a variable of the template to its parameter, if their spellings differ. The variable may be written with the operators of RFC
/// 6570 (`{.id*}`), with a pattern (`{id:[0-9]+}`), in other case or punctuation (`{bookId}` for `book-id`), or in the route syntax of a
/// framework (`<id>`, `:id`). Also returns the original spelling.
pub(crate) fn called(template: &str, parameter: &str) -> Option<(String, String)> {
    let plain = |name: &str| {
        let name = name.split(':').next().unwrap_or_default();
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
    };
    let wanted = plain(parameter);
    if wanted.is_empty() {
        return None;
    }
    let mut alike = variables(template).into_iter().filter(|name| plain(name) == wanted);
    let in_braces = alike.next().filter(|_| alike.next().is_none()).map(|name| format!("{{{name}}}"));
    let as_a_route = || {
        let is_it = |segment: &&str| {
            let inner = segment.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
            // In Flask, a converter precedes the name: `<int:id>`.
            let inner = inner.map(|inner| inner.rsplit(':').next().unwrap_or(inner));
            inner.or_else(|| segment.strip_prefix(':')) == Some(parameter)
        };
        template.split('/').find(is_it).map(str::to_owned)
    };
    let stood = in_braces.or_else(as_a_route)?;
    Some((template.replacen(&stood, &format!("{{{parameter}}}"), 1), stood))
}

/// The template without the query pairs that are placeholders for a parameter, as in `/books?since={since}`.
/// An `in: query` parameter is added by a step of its own.
pub(crate) fn without_placeholders(template: &str, is_parameter: impl Fn(&str) -> bool) -> String {
    let Some((path, query)) = template.split_once('?') else { return template.to_owned() };
    let is_placeholder = |pair: &&str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        is_parameter(name) && (value.is_empty() || variables(value).len() == 1 && value.starts_with('{'))
    };
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_placeholder(pair)).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// Whether the query in the template contains a value for the parameter.
pub(crate) fn fixes(template: &str, name: &str) -> bool {
    let query = template.split_once('?').map_or("", |(_, query)| query);
    query.split('&').any(|pair| pair.split('=').next() == Some(name))
}

/// Whether a variable is only a part of a path segment.
pub(crate) fn shares_segment(template: &str, name: &str) -> bool {
    let placeholder = format!("{{{name}}}");
    let (path, query) = template.split_once('?').unwrap_or((template, ""));
    !query.contains(&placeholder) && path.split('/').all(|segment| segment != placeholder)
}

/// Whether the literal parts contain the segment `.` or `..`, also escaped.
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
    fn path_variables_are_listed_once_in_path_order() {
        assert_eq!(variables("/a/{x}.{y}/{x}/{"), ["x", "y"]);
    }

    #[test]
    fn path_variable_with_another_spelling_is_renamed_to_its_parameter() {
        for (template, parameter, wanted) in [
            ("/a/{.id*}", "id", Some("/a/{id}")),
            ("/a/{id:[0-9]+}/b", "id", Some("/a/{id}/b")),
            ("/a/{bookId}.{format}", "book-id", Some("/a/{book-id}.{format}")),
            ("/a/<id>/b", "id", Some("/a/{id}/b")),
            ("/a/<int:id>", "id", Some("/a/{id}")),
            ("/a/:id", "id", Some("/a/{id}")),
            ("/a/{ID}/{id*}", "id", None),
            ("/a/{other}", "id", None),
            ("/a/id", "id", None),
        ] {
            assert_eq!(
                called(template, parameter).map(|(called, _)| called).as_deref(),
                wanted,
                "{template}"
            );
        }
    }

    #[test]
    fn query_placeholder_is_removed_from_the_path_template() {
        let without = |template| without_placeholders(template, |name| name == "since" || name == "id");
        assert_eq!(without("/a?since={since}"), "/a");
        assert_eq!(without("/a?id&all=true"), "/a?all=true");
        assert_eq!(without("/a?since=2020&to={to}"), "/a?since=2020&to={to}");
        assert!(fixes("/a?since=2020", "since") && !fixes("/a?since=2020", "sinc"));
    }

    #[test]
    fn escaped_dot_segments_of_a_path_are_found() {
        assert!(has_dot_segment("/a/%2e%2E/b"));
        assert!(!has_dot_segment("/a/..b/{x}"));
    }
}
