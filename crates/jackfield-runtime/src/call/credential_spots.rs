//! Detects arguments that a service could take for a credential. If a request contains two values under the name of the credential, the
//! service may use the value that a model wrote. The call then acts on another account.

use std::sync::Arc;

use jackfield_recipe::{Location, percent_decode};

use crate::call::argument_problem::Imitation;
use crate::call::rows::Scheme;

/// The location and name of each credential in requests. All schemes of a connector are included, not only the schemes of the current call.
/// Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct CredentialSpots(Arc<[CredentialSpot]>);

#[derive(Clone, Debug)]
struct CredentialSpot {
    location: Location,
    wire: String,
    scheme: String,
}

impl CredentialSpots {
    pub(crate) fn of(schemes: &[Scheme<'_>]) -> Self {
        let spot = |scheme: &Scheme<'_>| {
            let (location, wire) = scheme.kind.parameter()?;
            Some(CredentialSpot { location, wire: wire.to_owned(), scheme: scheme.name.to_owned() })
        };
        Self(schemes.iter().filter_map(spot).collect())
    }

    fn at(&self, location: Location) -> impl Iterator<Item = &CredentialSpot> {
        self.0.iter().filter(move |spot| spot.location == location)
    }

    /// Returns the credential that a name-value pair imitates: the name equals the credential's name, or contains the credential's name
    /// after a separator. Name and value are percent-encoded. If `value` is `None`, `name` is a whole query string instead of the name of a
    /// pair.
    pub(crate) fn imitated(&self, location: Location, name: &str, value: Option<&str>) -> Option<Imitation> {
        // Most connectors have no credential in this location, so the comparison can be skipped.
        let mut spots = self.at(location).peekable();
        spots.peek()?;
        let names: Vec<String> = match location {
            Location::Query => {
                let pair = value.map_or_else(|| name.to_owned(), |value| format!("{name}={value}"));
                names_in_query(&pair).collect()
            }
            _ => vec![plain(name)],
        };
        let spot = spots.find(|spot| names.contains(&spot.plain()))?;
        Some(Imitation { location: spot.location, wire: spot.wire.clone(), scheme: spot.scheme.clone() })
    }

    /// Counts the names in a query string that equal the name of a credential.
    pub(crate) fn count_in(&self, query: &str) -> usize {
        let is_taken = |name: &String| self.at(Location::Query).any(|spot| *name == spot.plain());
        names_in_query(query).filter(is_taken).count()
    }
}

impl CredentialSpot {
    fn plain(&self) -> String {
        plain_wire(&self.wire)
    }
}

/// Returns the names in a query string. Some services accept `;` as a separator too.
fn names_in_query(query: &str) -> impl Iterator<Item = String> + '_ {
    query.split(['&', ';']).map(|pair| plain(pair.split('=').next().unwrap_or_default()))
}

/// Whether a query string has a parameter with the given decoded name.
pub(crate) fn holds_name(query: &str, name: &str) -> bool {
    let name = plain_wire(name);
    names_in_query(query).any(|it| it == name)
}

fn plain_wire(name: &str) -> String {
    plain(&name.replace('%', "%25").replace('+', "%2B"))
}

/// Normalizes a name as the most lenient services do: decoded; in lower case as in ASP.NET; cut at a bracket; and with
/// underscores instead of the characters that PHP does not allow in variable names. Names that a model chooses are
/// compared in this form. Parameters that the document declares are compared exactly, by `Outgoing::authenticate`.
fn plain(name: &str) -> String {
    let spaced = name.replace('+', " ");
    let decoded =
        percent_decode(&spaced).map_or(spaced, |bytes| String::from_utf8_lossy(&bytes).into_owned());
    let up_to_bracket =
        decoded.find(['[', '\0']).filter(|at| *at > 0).map_or(decoded.as_str(), |at| &decoded[..at]);
    up_to_bracket.trim().to_lowercase().replace([' ', '.'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::args::{ArgError, Args, Input};
    use crate::call::base_url::BaseUrl;
    use crate::call::files::Files;
    use crate::call::request::Request;
    use crate::v1::Scheme;
    use jackfield_recipe::Encoding;
    use serde_json::json;

    static SCHEMES: [Scheme; 3] = [
        Scheme::api_key("k", Location::Query, "api_key"),
        Scheme::api_key("h", Location::Header, "X-Key"),
        Scheme::api_key("c", Location::Cookie, "session"),
    ];

    fn imitates(location: Location, name: &str, value: Option<&str>) -> bool {
        CredentialSpots::of(&SCHEMES).imitated(location, name, value).is_some()
    }

    #[test]
    fn query_pair_named_like_the_credential_is_found_in_every_spelling() {
        for (name, value) in [
            ("api_key", Some("x")),
            ("api_key", None),
            ("api%5Fkey", Some("x")),
            ("API_KEY", Some("x")),
            ("api.key", Some("x")),
            ("+api_key", Some("x")),
            ("api_key[0]", Some("x")),
            ("api_key%5B%5D", Some("x")),
            ("a=1&api_key=x", None),
            ("a", Some("1;api_key=x")),
        ] {
            assert!(imitates(Location::Query, name, value), "{name} {value:?}");
        }
        for (name, value) in
            [("api", Some("api_key=x")), ("my_api_key", None), ("filter[api_key]", Some("x"))]
        {
            assert!(!imitates(Location::Query, name, value), "{name} {value:?}");
        }
    }

    #[test]
    fn header_and_cookie_named_like_the_credential_are_found() {
        assert!(
            imitates(Location::Header, "x-key", Some("x"))
                && imitates(Location::Cookie, "session", Some("x"))
        );
        assert!(
            !imitates(Location::Header, "session", Some("x")) && !imitates(Location::Cookie, "X-Key", None)
        );
    }

    /// Builds a request to a service that uses the credentials in `SCHEMES`.
    fn fill(
        arguments: &serde_json::Value,
        bind: impl FnOnce(&Args, &mut Request) -> Result<(), ArgError>,
    ) -> Result<String, String> {
        let args = Args::new(arguments.as_object().cloned().unwrap_or_default());
        let mut request = Request::new("GET", "/x", Files::none());
        request.guard(CredentialSpots::of(&SCHEMES));
        bind(&args, &mut request).map_err(|error| error.to_string())?;
        let base = BaseUrl::parse("https://api.example.com").map_err(|error| error.to_string())?;
        request.finish(&base).map(|outgoing| outgoing.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn argument_that_imitates_a_credential_is_refused() {
        let object = json!({ "q": { "api_key": "x" }, "s": "api_key=x", "c": { "session": "x" } });
        let refused = [
            fill(&object, |args, it| it.query("q", args.required("q"))),
            fill(&object, |args, it| it.query_string(args.required("q"), Encoding::FORM)),
            fill(&object, |args, it| it.query_string(args.required("s"), Encoding::FORM.reserved())),
            fill(&object, |args, it| it.query_as("api_key", args.required("q"), Encoding::DEEP)),
            fill(&object, |args, it| it.cookie("c", args.required("c"))),
            fill(&object, |args, it| it.cookie_as("c", args.required("c"), Encoding::COOKIE.exploded())),
        ];
        for (at, result) in refused.into_iter().enumerate() {
            let why = result.expect_err(&at.to_string());
            assert!(why.contains("which belongs to the credential of `"), "{at}: {why}");
        }
    }

    #[test]
    fn argument_that_does_not_imitate_a_credential_is_sent() {
        let object = json!({ "q": { "key": "x" }, "s": "a=x", "c": { "theme": "x" } });
        for sent in [
            fill(&object, |args, it| it.query("q", args.required("q"))),
            fill(&object, |args, it| it.query_string(args.required("s"), Encoding::FORM.reserved())),
            fill(&object, |args, it| it.cookie("c", args.required("c"))),
            // Constants of the document are allowed, and so are declared parameters with the credential's name.
            fill(&object, |_, it| it.query("api_key", Input::text("fixed"))),
            fill(&object, |args, it| it.query("api_key", args.optional("s"))),
            fill(&object, |args, it| it.header("X-KEY", args.optional("s"))),
        ] {
            assert!(sent.is_ok(), "{sent:?}");
        }
    }
}
