//! Matches URLs with the path templates of tools.

use jackfield_recipe::percent_decode_lenient;

/// Matches a path against a template. Returns the decoded values of the variables.
pub(crate) fn match_path(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let template = template.split('?').next().unwrap_or_default();
    let (wanted, given): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    if wanted.len() != given.len() {
        return None;
    }
    let mut values = Vec::new();
    for (wanted, given) in wanted.into_iter().zip(given) {
        let Some((before, rest)) = wanted.split_once('{') else {
            if decoded(wanted) != decoded(given) {
                return None;
            }
            continue;
        };
        let (name, after) = rest.split_once('}')?;
        // A segment with several variables can be split in more than one way.
        if after.contains('{') {
            return None;
        }
        let value = given.strip_prefix(before)?.strip_suffix(after)?;
        if value.is_empty() {
            return None;
        }
        values.push((name.to_owned(), decoded(value)));
    }
    Some(values)
}

/// Whether two URLs are equal. The order of query parameters and the spelling of escapes do not matter.
pub(crate) fn same_address(one: &str, other: &str) -> bool {
    let parts = |address: &str| {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let mut pairs: Vec<String> = query.split('&').filter(|pair| !pair.is_empty()).map(decoded).collect();
        pairs.sort();
        // An escaped slash is not a separator.
        let segments: Vec<String> = path.split('/').map(decoded).collect();
        (segments, pairs)
    };
    parts(one) == parts(other)
}

fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&percent_decode_lenient(text)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_template_matches_only_whole_segments() {
        let values = |template: &str, path: &str| {
            match_path(template, path).map(|values| {
                values.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
            })
        };
        assert_eq!(values("/jobs/{id}", "/jobs/a%2Fb").as_deref(), Some("id=a/b"));
        assert_eq!(values("/{a}/jobs/v{id}.json", "/x/jobs/v7.json").as_deref(), Some("a=x id=7"));
        for (template, path) in [
            ("/jobs/{id}", "/jobs/"),
            ("/jobs/{id}", "/jobs/7/log"),
            ("/jobs/{id}", "/Jobs/7"),
            ("/jobs/{a}-{b}", "/jobs/1-2"),
            ("/jobs/{id", "/jobs/7"),
        ] {
            assert_eq!(values(template, path), None, "{template} {path}");
        }
        assert!(same_address("https://a/x%79?b=2&a=1", "https://a/xy?a=1&b=2"));
        assert!(
            !same_address("https://a/x%2Fy", "https://a/x/y")
                && !same_address("https://a/x?a=1", "https://a/x")
        );
    }
}
