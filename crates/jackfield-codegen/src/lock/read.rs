//! Parses an existing jackfield.lock, and finds origins that are missing from it.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{Destinations, Operation, SchemeDestinations, ToolName};

use super::word::word;

/// The current format of a lock. Its digests cover everything that models see and calls send.
const FORMAT: u32 = 4;

/// A parsed jackfield.lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    text: String,
    /// The number in its `format` line.
    format: u32,
    /// Whether the lock lists destinations, which older versions of Jackfield did not write. True if the file
    /// is not a lock.
    has_destinations: bool,
    accepted: BTreeSet<String>,
    requests: BTreeSet<String>,
    schemes: BTreeMap<String, SchemeOrigins>,
    /// The names that Jackfield chose, by route.
    tools: BTreeMap<(String, String), ToolName>,
}

/// The line of a scheme.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct SchemeOrigins {
    kind: String,
    credential: BTreeSet<String>,
    endpoints: BTreeSet<String>,
}

/// An origin that the document reaches and the lock does not list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddedOrigin {
    /// The origin, in the spelling for `--accept-origin`.
    pub origin: String,
    /// The parts of the document that use the origin.
    pub because: String,
}

impl Lock {
    /// Parses a lock. Unknown lines are ignored.
    pub fn parse(text: &str) -> Self {
        let mut lock = Self { text: text.to_owned(), ..Self::default() };
        for line in text.lines() {
            let mut words = line.split(' ');
            match (words.next(), words.next()) {
                (Some("format"), Some(number)) => {
                    lock.format = number.parse().unwrap_or_default();
                    lock.has_destinations = lock.format >= 2;
                }
                (Some("accepted"), Some(origin)) => {
                    lock.accepted.insert(origin.to_owned());
                }
                (Some("origin"), Some(origin)) => {
                    lock.requests.insert(origin.to_owned());
                }
                (Some("scheme"), Some(name)) => {
                    let scheme = lock.schemes.entry(name.to_owned()).or_default();
                    words.next().unwrap_or_default().clone_into(&mut scheme.kind);
                    for (key, origin) in words.filter_map(|word| word.split_once('=')) {
                        let origins =
                            if key == "to" { &mut scheme.credential } else { &mut scheme.endpoints };
                        origins.insert(origin.to_owned());
                    }
                }
                (Some("tool"), Some(name)) => {
                    // Effect and digest come first. `renamed` follows if the user chose the name.
                    if let [_, _, method, path] = words.collect::<Vec<_>>().as_slice()
                        && let Ok(name) = ToolName::new(name)
                    {
                        lock.tools.insert(((*method).to_owned(), (*path).to_owned()), name);
                    }
                }
                _ => {}
            }
        }
        // Every version of Jackfield writes the `contract` line, so a file without this line is not an older lock.
        lock.has_destinations |= !text.lines().any(|line| line.starts_with("contract "));
        lock
    }

    /// Returns the text of the lock.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the digests of the lock can be compared with the digests that this version of Jackfield computes.
    pub const fn has_comparable_digests(&self) -> bool {
        self.format == FORMAT
    }

    /// Returns the name of an operation's tool, unless the user chose it.
    pub fn tool_name(&self, operation: &Operation) -> Option<&ToolName> {
        self.tools.get(&(word(operation.method.as_str()), word(&operation.path)))
    }

    /// Returns the origins that the user has accepted.
    pub fn accepted(&self) -> impl Iterator<Item = &String> {
        self.accepted.iter()
    }

    /// Whether the user has accepted that origin.
    pub fn has_accepted(&self, origin: &str) -> bool {
        self.accepted.contains(&word(origin))
    }

    /// Returns the origins that a connector reaches and that are neither in the lock nor in `allowed`. A lock of an
    /// older version does not list origins, so the result is then empty.
    ///
    /// A scheme is compared with the line of the scheme with the same name and kind, so that its credential cannot move to another origin
    /// of the connector. A scheme without such a line may read the variables of any scheme with the same credential fields, so it is
    /// compared with the origins that all of those schemes have in common.
    pub fn added(&self, reached: &Destinations, allowed: &BTreeSet<String>) -> Vec<AddedOrigin> {
        if !self.has_destinations {
            return Vec::new();
        }
        let mut added = BTreeMap::new();
        let mut check = |known: &BTreeSet<String>, origin: &String, because: &dyn Fn() -> String| {
            if !known.contains(&word(origin)) && !allowed.contains(origin) {
                added.entry(origin.clone()).or_insert_with(because);
            }
        };
        for (origin, reasons) in &reached.requests {
            check(&self.requests, origin, &|| reasons.join("; "));
        }
        for scheme in &reached.schemes {
            let known = self.scheme(scheme);
            for origin in &scheme.credential {
                check(&known.credential, origin, &|| format!("the credential of `{}`", scheme.scheme));
            }
            for (name, origin) in &scheme.endpoints {
                check(&known.endpoints, origin, &|| format!("{name} endpoint of `{}`", scheme.scheme));
            }
        }
        added.into_iter().map(|(origin, because)| AddedOrigin { origin, because }).collect()
    }

    fn scheme(&self, scheme: &SchemeDestinations) -> SchemeOrigins {
        let own = self.schemes.get(&word(&scheme.scheme));
        if let Some(own) = own.filter(|own| own.kind == scheme.kind) {
            return own.clone();
        }
        let texts = texts_of(scheme.kind);
        let mut rivals = self
            .schemes
            .values()
            .filter(|other| texts_of(&other.kind).iter().any(|text| texts.contains(text)));
        // The variables are new, because no other scheme has these credential fields. So they contain no credential of another origin.
        let Some(first) = rivals.next() else {
            return match own {
                Some(own) => own.clone(),
                None => SchemeOrigins {
                    kind: scheme.kind.to_owned(),
                    credential: self.requests.clone(),
                    endpoints: self.requests.clone(),
                },
            };
        };
        rivals.fold(first.clone(), |mut common, other| {
            common.credential.retain(|origin| other.credential.contains(origin));
            // A scheme without endpoints has no secret that an endpoint could receive.
            if common.endpoints.is_empty() || other.endpoints.is_empty() {
                common.endpoints.extend(other.endpoints.iter().cloned());
            } else {
                common.endpoints.retain(|origin| other.endpoints.contains(origin));
            }
            common
        })
    }
}

/// Returns the credential fields after which the variables of this scheme kind are named.
fn texts_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "bearer" => &["token"],
        "oauth2" | "openid_connect" => &["token", "client"],
        "api_key" => &["api_key"],
        "basic" | "digest" => &["username"],
        "mutual_tls" => &["certificate"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name, the kind, the origins of the credential, and the endpoints.
    type Scheme<'t> = (&'static str, &'t [&'t str], &'t [(&'static str, &'t str)]);

    fn reached(requests: &[&str], schemes: &[Scheme<'_>]) -> Destinations {
        Destinations {
            requests: requests.iter().map(|&it| (it.to_owned(), vec!["server 1".to_owned()])).collect(),
            schemes: schemes
                .iter()
                .map(|(name, to, endpoints)| SchemeDestinations {
                    scheme: name.split(' ').next().unwrap().to_owned(),
                    kind: name.split(' ').nth(1).unwrap(),
                    credential: to.iter().map(|&it| it.to_owned()).collect(),
                    endpoints: endpoints.iter().map(|&(name, it)| (name, it.to_owned())).collect(),
                })
                .collect(),
        }
    }

    fn added(lock: &str, reached: &Destinations) -> Vec<String> {
        let added = Lock::parse(lock).added(reached, &BTreeSet::new());
        added.into_iter().map(|it| format!("{}: {}", it.origin, it.because)).collect()
    }

    const A: &str = "https://a.example.com";
    const B: &str = "https://b.example.com";
    const LOCK: &str = "format 2\norigin https://a.example.com\norigin https://b.example.com\n\
         scheme key api_key 00 to=https://a.example.com\n\
         scheme login oauth2 00 to=https://a.example.com token=https://id.example.com\n";

    #[test]
    fn lock_without_destinations_reports_no_added_origin() {
        assert!(
            added("contract 1\nscheme key api_key 00\n", &reached(&[A], &[("key api_key", &[A], &[])]))
                .is_empty()
        );
        assert_eq!(added("format 2\n", &reached(&[A], &[])), [format!("{A}: server 1")]);
        assert_eq!(added("", &reached(&[A], &[])), [format!("{A}: server 1")]);
    }

    #[test]
    fn scheme_is_compared_with_the_lock_line_of_the_same_scheme() {
        assert!(added(LOCK, &reached(&[A, B], &[("key api_key", &[A], &[])])).is_empty());
        assert_eq!(
            added(LOCK, &reached(&[A, B], &[("key api_key", &[A, B], &[])])),
            [format!("{B}: the credential of `key`")]
        );
        let refresh = [("refresh", A), ("token", "https://id.example.com")];
        assert_eq!(
            added(LOCK, &reached(&[A], &[("login oauth2", &[A], &refresh)])),
            [format!("{A}: refresh endpoint of `login`")]
        );
    }

    #[test]
    fn credential_of_a_renamed_scheme_goes_only_to_the_origins_of_the_old_scheme() {
        assert!(added(LOCK, &reached(&[A, B], &[("new api_key", &[A], &[])])).is_empty());
        assert_eq!(
            added(LOCK, &reached(&[A, B], &[("new api_key", &[B], &[])])),
            [format!("{B}: the credential of `new`")]
        );
        // A login does not send anything to the origins of credentials.
        assert_eq!(
            added(LOCK, &reached(&[A], &[("new oauth2", &[A], &[("token", A)])])),
            [format!("{A}: token endpoint of `new`")]
        );
    }

    #[test]
    fn new_scheme_cannot_send_the_variable_of_another_scheme_to_another_origin() {
        let lock = "format 2\norigin https://a.example.com\norigin https://b.example.com\n\
             scheme key bearer 00 to=https://a.example.com\nscheme maps api_key 00 to=https://b.example.com\n";
        for scheme in ["maps bearer", "fresh bearer", "KEY bearer", "maps oauth2"] {
            let name = scheme.split(' ').next().unwrap();
            assert_eq!(
                added(lock, &reached(&[A, B], &[(scheme, &[B], &[])])),
                [format!("{B}: the credential of `{name}`")],
                "{scheme}"
            );
        }
        assert!(added(lock, &reached(&[A, B], &[("fresh basic", &[B], &[])])).is_empty());
    }

    #[test]
    fn document_text_cannot_add_words_or_lines_to_the_lock() {
        for text in ["a b", "a\nformat 1\nb", "a\u{2028}b", "a=b(c|d)", "größe", "a\\u{20}b"] {
            let word = word(text);
            assert!(word.is_ascii() && !word.contains([' ', '\n', '=', '(', '|']), "{word}");
        }
        assert_ne!(word("a\\u{20}b"), word("a b"));
    }
}
