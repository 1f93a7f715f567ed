//! Completes the parser's message about an unknown key or value with the most similar known name.

use jackfield_model::nearest;

/// Returns the problem and the remedy for a message of the TOML parser.
pub(super) fn explain(message: &str) -> (String, String) {
    if let Some((problem, help)) = message.split_once('\n') {
        return (problem.to_owned(), help.to_owned());
    }
    let see = || "see the comments of a fresh connector.toml, and docs/connector-toml.md".to_owned();
    let (what, rest) =
        match (message.strip_prefix("unknown field "), message.strip_prefix("unknown variant ")) {
            (Some(rest), _) => ("key", rest),
            (_, Some(rest)) => ("value", rest),
            _ => return (message.to_owned(), see()),
        };
    // `wrong`, expected one of `this`, `that`
    let mut words = rest.split('`').skip(1).step_by(2);
    let Some(wrong) = words.next() else { return (message.to_owned(), see()) };
    let known: Vec<&str> = words.collect();
    let help = match nearest(wrong, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => see(),
        None => format!("use one of `{}`", known.join("`, `")),
    };
    (format!("there is no {what} `{wrong}`"), help)
}

#[cfg(test)]
mod tests {
    use super::explain;

    #[test]
    fn error_about_an_unknown_key_suggests_the_most_similar_known_key() {
        for (message, problem, help) in [
            (
                "unknown field `includes`, expected one of `document`, `include`",
                "there is no key `includes`",
                "did you mean `include`?",
            ),
            (
                "unknown variant `delete`, expected one of `read`, `write`, `destroy`",
                "there is no value `delete`",
                "use one of `read`, `write`, `destroy`",
            ),
            (
                "unknown field `titel`, expected `title` or `description`",
                "there is no key `titel`",
                "did you mean `title`?",
            ),
        ] {
            assert_eq!(explain(message), (problem.to_owned(), help.to_owned()));
        }
        assert_eq!(explain("invalid type").0, "invalid type");
    }
}
