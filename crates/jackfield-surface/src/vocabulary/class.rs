//! Classes of verbs with the same effect, and the forms of a verb.

/// Verbs with the same effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerbClass {
    /// Verbs that read one or many resources.
    Read,
    /// Verbs that create a resource.
    Create,
    /// Verbs that change or replace a resource.
    Change,
    /// Verbs that remove a resource.
    Remove,
    /// Verbs that check a condition.
    Check,
    /// Verbs that start a process.
    Run,
}

impl VerbClass {
    /// All classes.
    pub const ALL: [Self; 6] = [Self::Read, Self::Create, Self::Change, Self::Remove, Self::Check, Self::Run];

    /// Returns the verbs of the class, the most common one first.
    pub const fn verbs(self) -> &'static [&'static str] {
        match self {
            Self::Read => &[
                "get", "browse", "describe", "display", "fetch", "find", "index", "list", "load", "lookup",
                "obtain", "provide", "query", "read", "retrieve", "return", "search", "see", "show", "view",
            ],
            Self::Create => &["create", "add", "insert", "make", "new", "post", "provision", "register"],
            Self::Change => {
                &["update", "change", "edit", "modify", "patch", "put", "replace", "save", "set", "upsert"]
            }
            Self::Remove => &["delete", "destroy", "erase", "remove"],
            Self::Check => &["check", "has", "is", "test", "validate", "verify"],
            Self::Run => &["run", "exec", "execute", "invoke", "launch", "perform", "start", "trigger"],
        }
    }

    /// Returns the class of a verb in its base form.
    pub fn of(verb: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.verbs().contains(&verb))
    }
}

/// Whether two verbs in their base forms have the same effect.
pub fn is_same_effect(one: &str, other: &str) -> bool {
    one == other || VerbClass::of(one).is_some_and(|class| class.verbs().contains(&other))
}

/// Whether a word is the verb or its third person.
pub fn is_form(word: &str, verb: &str) -> bool {
    word == verb
        || word.strip_suffix("ies").is_some_and(|stem| verb.strip_suffix('y') == Some(stem))
        || word.strip_prefix(verb).is_some_and(|end| end == "s" || end == "es")
}

/// Whether a word may be a verb in the third person.
pub(crate) fn is_third_person(word: &str) -> bool {
    word.len() > 3 && word.ends_with('s') && !word.ends_with("ss")
}

/// Whether a word is the noun of a verb: `cancellation` of `cancel`, `removal` of `remove`.
pub(crate) fn is_noun_of(noun: &str, verb: &str) -> bool {
    const ENDINGS: [&str; 8] = ["al", "ance", "ation", "cation", "lation", "ment", "ion", "ure"];
    const FEWEST: usize = 4;
    let noun = noun.strip_suffix('s').unwrap_or(noun);
    let stems = [verb.strip_suffix('e'), verb.strip_suffix('y'), Some(verb)];
    stems.into_iter().flatten().filter(|stem| stem.len() >= FEWEST).any(|stem| {
        let end = noun.strip_prefix(stem).unwrap_or_default();
        let end = end.strip_prefix('i').filter(|_| verb.ends_with('y')).unwrap_or(end);
        ENDINGS.contains(&end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_has_one_class() {
        let all: Vec<&str> = VerbClass::ALL.iter().flat_map(|class| class.verbs()).copied().collect();
        let once = all.iter().collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!(once, all.len());
        assert!(is_same_effect("retrieve", "get") && is_same_effect("restore", "restore"));
        assert!(!is_same_effect("restore", "update") && !is_same_effect("archive", "delete"));
    }

    #[test]
    fn noun_derived_from_a_verb_is_recognised() {
        for (noun, verb) in [
            ("cancellation", "cancel"),
            ("deactivation", "deactivate"),
            ("verifications", "verify"),
            ("removal", "remove"),
            ("closure", "close"),
            ("deployment", "deploy"),
        ] {
            assert!(is_noun_of(noun, verb), "{noun} {verb}");
        }
        for (noun, verb) in
            [("station", "stop"), ("payment", "pay"), ("creation", "cancel"), ("books", "book")]
        {
            assert!(!is_noun_of(noun, verb), "{noun} {verb}");
        }
    }
}
