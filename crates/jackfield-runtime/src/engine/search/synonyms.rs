//! Verbs that have the same meaning in most APIs.

use super::words::stem;

/// Each group contains verbs with one meaning in most APIs. Nouns are not included, because their meaning
/// depends on the API.
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

/// The other verbs in the group that contains the stem.
pub(super) fn synonyms(wanted: &str) -> impl Iterator<Item = &'static str> {
    let group = SAME_MEANING.iter().find(|group| group.iter().any(|verb| stem(verb) == wanted));
    let wanted = wanted.to_owned();
    group.copied().unwrap_or_default().iter().copied().filter(move |verb| stem(verb) != wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_of_a_group_stand_for_each_other() {
        assert_eq!(synonyms("remov").collect::<Vec<_>>(), ["delete", "erase"]);
        assert_eq!(synonyms("invoic").count(), 0);
    }
}
