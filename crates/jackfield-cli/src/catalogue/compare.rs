//! Fetches the documents of a catalogue, and compares them with the digests of the checked versions.

use jackfield_build::Fetch;
use jackfield_build::model::hex_encode;
use sha2::{Digest as _, Sha256};

use super::archive;
use super::entry::{Catalogue, DocumentSource};
use crate::spec::MOST_BYTES;

/// The result of comparing a fetched document with the checked version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// The document has the bytes that were checked.
    Same,
    /// The document has other bytes.
    Changed { sha256: String },
    /// The document can be fetched, but was never checked.
    Unchecked { sha256: String },
    /// The document cannot be fetched.
    Unreachable { why: String },
}

/// Fetches each document that has a URL, and compares its digest.
pub(super) fn compare(
    catalogue: &Catalogue,
    fetch: &dyn Fetch,
    mut tell: impl FnMut(&str, &Comparison),
) -> Vec<(String, Comparison)> {
    let mut compared = Vec::new();
    for service in &catalogue.services {
        let Some(document) = service.document.as_ref().filter(|document| document.address.is_some()) else {
            continue;
        };
        let comparison = match (fetched(document, fetch), document.checked.sha256()) {
            (Err(why), _) => Comparison::Unreachable { why },
            (Ok(bytes), checked) => match (sha256(&bytes), checked) {
                (sha256, Some(checked)) if sha256 == checked => Comparison::Same,
                (sha256, Some(_)) => Comparison::Changed { sha256 },
                (sha256, None) => Comparison::Unchecked { sha256 },
            },
        };
        tell(&service.name, &comparison);
        compared.push((service.name.clone(), comparison));
    }
    compared
}

/// Fetches a document, or the package that contains it.
///
/// # Errors
/// Returns an error if the catalogue has no URL for the document, if the URL cannot be fetched, or if the package does not contain the
/// document.
pub(crate) fn fetched(document: &DocumentSource, fetch: &dyn Fetch) -> Result<Vec<u8>, String> {
    let address = document.address.as_deref().ok_or("the document has no URL")?;
    let bytes = fetch.fetch(address, MOST_BYTES)?;
    match &document.file {
        Some(path) => archive::file(&bytes, path, MOST_BYTES),
        None => Ok(bytes),
    }
}

/// Returns the SHA-256 digest in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex_encode(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use jackfield_testkit::{Answer, Upstream};

    use super::*;
    use crate::fetch::HttpFetch;

    /// Fetches URLs below `https://documents.example.com` from a server on this machine.
    struct Loopback(String);

    impl Fetch for Loopback {
        fn fetch(&self, address: &str, limit: usize) -> Result<Vec<u8>, String> {
            let path = address.strip_prefix("https://documents.example.com").expect("an address of the test");
            HttpFetch::from_this_machine().fetch(&format!("{}{path}", self.0), limit)
        }
    }

    fn service(name: &str, document: &str) -> String {
        format!("[[service]]\nname = \"{name}\"\ntitle = \"{name}\"\ncategory = \"Test\"\n{document}\n")
    }

    fn document(path: &str, checked: &str) -> String {
        format!(
            "[service.document]\naddress = \"https://documents.example.com{path}\"\nsource = \"a test\"\n\
             licence = \"MIT\"\nauth = \"unknown\"\nchecked = {checked}"
        )
    }

    #[test]
    fn fetched_documents_are_compared_with_the_digests_of_the_catalogue() {
        const TEXT: &str = "openapi: 3.1.0\n";
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let upstream = runtime
            .block_on(Upstream::start(|request: &jackfield_testkit::Recorded| match request.path() {
                "/api.yaml" => Answer::text(200, TEXT),
                "/moved.yaml" => Answer::text(302, "").header("location", "/api.yaml"),
                _ => Answer::text(404, "none"),
            }))
            .unwrap();
        let on = |digest: &str| format!("{{ on = 2026-11-30, by = \"a test\", sha256 = \"{digest}\" }}");
        let same = sha256(TEXT.as_bytes());
        let text = [
            "categories = [\"Test\"]\n".to_owned(),
            service("same", &document("/api.yaml", &on(&same))),
            service("changed", &document("/api.yaml", &on(&"0".repeat(64)))),
            service("unchecked", &document("/api.yaml", "\"unchecked\"")),
            service("gone", &document("/other.yaml", &on(&same))),
            service("moved", &document("/moved.yaml", &on(&same))),
            service("without", ""),
        ]
        .concat();
        let catalogue = Catalogue::parse(&text).unwrap();
        let mut told = Vec::new();
        let fetch = Loopback(upstream.base_url());
        let compared = compare(&catalogue, &fetch, |name, _| told.push(name.to_owned()));
        let why = |text: &str| Comparison::Unreachable { why: text.to_owned() };
        let expected = [
            ("same", Comparison::Same),
            ("changed", Comparison::Changed { sha256: same.clone() }),
            ("unchecked", Comparison::Unchecked { sha256: same }),
            ("gone", why("the server answered 404 Not Found")),
            ("moved", why("the server answered 302 Found")),
        ];
        assert_eq!(compared, expected.map(|(name, comparison)| (name.to_owned(), comparison)));
        assert_eq!(told, ["same", "changed", "unchecked", "gone", "moved"]);
    }
}
