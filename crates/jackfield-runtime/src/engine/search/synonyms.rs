//! Verbs that have the same meaning in most APIs.

use super::words::stem;

/// Groups of verbs with the same meaning in most APIs. Nouns are not included, because their meaning depends on the API.
const SAME_MEANING: [&[&str]; 10] = [
    &["create", "add", "insert", "generate"],
    &["delete", "remove", "erase"],
    &["search", "find", "lookup", "query"],
    &["update", "edit", "modify", "change"],
    &["view", "display", "read"],
    &["send", "post", "submit"],
    &["download", "export"],
    &["upload", "import"],
    &["stop", "cancel", "abort"],
    &["start", "run", "launch", "execute", "trigger"],
];

/// Words of search queries, each with the words that tools use instead.
const MEANT: [(&str, &[&str]); 8] = [
    ("everybody", &["user", "member"]),
    ("everyone", &["user", "member"]),
    ("make", &["create"]),
    ("new", &["create"]),
    ("open", &["create"]),
    ("someone", &["user", "member"]),
    ("who", &["user", "member"]),
    ("whose", &["user", "member"]),
];

/// Returns the words that tools use instead of a word of a search query, such as `user` instead of `who`.
pub(super) fn meant(word: &str) -> &'static [&'static str] {
    MEANT.iter().find(|(known, _)| *known == word).map_or(&[], |(_, words)| words)
}

/// Returns the other verbs of the group that contains a stem.
pub(super) fn synonyms(wanted: &str) -> impl Iterator<Item = &'static str> {
    let group = SAME_MEANING.iter().find(|group| group.iter().any(|verb| stem(verb) == wanted));
    let wanted = wanted.to_owned();
    group.copied().unwrap_or_default().iter().copied().filter(move |verb| stem(verb) != wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_treats_synonymous_verbs_as_equal() {
        assert_eq!(synonyms("remov").collect::<Vec<_>>(), ["delete", "erase"]);
        assert_eq!(synonyms("invoic").count(), 0);
        assert_eq!((meant("who"), meant("invoice").len()), (&["user", "member"][..], 0));
    }
}
