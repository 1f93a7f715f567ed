//! Checks the destinations of credentials: they are sent only to origins that the document, connector.toml or the
//! user declares.

use std::fmt;

use crate::call::base_url::BaseUrl;
use crate::call::origin::{Origin, listed, usual_port};
use crate::call::rows::{Connector, Server, ServerVariable};
use crate::common::environment::{Environment, Setting};

/// Checks that credentials may be sent to a base URL.
///
/// # Errors
/// Returns an error if credentials may not be sent to this URL.
pub(crate) fn permitted(
    connector: &Connector<'_>,
    base: &BaseUrl,
    environment: &Environment,
) -> Result<(), OriginNotPermitted> {
    let Some(origin) = Origin::of_base(base) else {
        return Err(OriginNotPermitted(Rule::NoOrigin { address: base.as_str().to_owned() }));
    };
    let (chosen, by_hand) =
        (Setting::BaseUrl.variable(connector.name), Setting::Origins.variable(connector.name));
    if is_declared(connector, &origin, environment) {
        return Ok(());
    }
    let servers: Vec<&Server<'_>> = servers(connector).collect();
    // A server whose whole URL is a variable declares no origin, but the user who sets the variable declares one.
    // `localhost` declares no origin either, because in a shared document it means the machine of whoever runs the
    // connector.
    let named: Vec<Origin> =
        servers.iter().filter_map(|server| example(server)).filter(|origin| !origin.is_anywhere()).collect();
    let by_user_alone = named.is_empty() && connector.origins.is_empty();
    let is_rehearsal = origin.is_here() && !named.iter().any(Origin::is_here);
    if environment.get(&chosen).is_some() && !by_user_alone && !is_rehearsal {
        let mut theirs: Vec<String> = servers.iter().filter(|it| example(it).is_some()).map(shown).collect();
        theirs.extend(connector.origins.iter().map(|it| (*it).to_owned()));
        theirs.dedup();
        let is_open = origin.is_open();
        let origin = origin.to_string();
        return Err(OriginNotPermitted(Rule::NotNamed { origin, is_open, chosen, by_hand, theirs }));
    }
    if origin.is_open() {
        return Err(OriginNotPermitted(Rule::NotEncrypted { origin: origin.to_string(), by_hand }));
    }
    Ok(())
}

/// Whether the document, connector.toml or the user declares an origin.
pub(crate) fn is_declared(connector: &Connector<'_>, origin: &Origin, environment: &Environment) -> bool {
    listed(connector, environment).contains(origin) || servers(connector).any(|server| names(server, origin))
}

/// Returns the servers of the connector and of its tools.
fn servers<'a>(connector: &Connector<'a>) -> impl Iterator<Item = &'a Server<'a>> + use<'a> {
    let own = connector.tools().filter_map(|tool| tool.server.as_ref());
    connector.servers.iter().chain(own)
}

/// The error for a URL that credentials may not be sent to, with a message that a model can pass on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginNotPermitted(Rule);

/// The reason why credentials may not be sent to an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    NoOrigin {
        address: String,
    },
    /// Neither the document nor connector.toml declares the origin.
    NotNamed {
        origin: String,
        is_open: bool,
        /// The variable that set the base URL.
        chosen: String,
        /// The variable that allows the origin.
        by_hand: String,
        /// The servers and origins that the document and connector.toml declare.
        theirs: Vec<String>,
    },
    NotEncrypted {
        origin: String,
        /// The variable that allows the origin.
        by_hand: String,
    },
}

impl fmt::Display for OriginNotPermitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Rule::NoOrigin { address } => {
                write!(f, "{address} is not a URL that credentials can be sent to.")
            }
            Rule::NotNamed { origin, is_open, chosen, by_hand, theirs } => {
                let open = if *is_open { " The connection is not encrypted either." } else { "" };
                write!(
                    f,
                    "The credentials of this connector are for {}, and {chosen} leads to {origin}, which neither its \
                     document nor its connector.toml names.{open} If credentials may go to {origin}, the user has to \
                     set {by_hand} to {origin}, then start this connector again.",
                    theirs.join(" and "),
                )
            }
            Rule::NotEncrypted { origin, by_hand } => write!(
                f,
                "Requests to {origin} are not encrypted, so others on the network could read the credentials of this \
                 connector. The user has to use a URL with https://, or, to send them unencrypted, \
                 to set {by_hand} to {origin}, then start this connector again.",
            ),
        }
    }
}

impl std::error::Error for OriginNotPermitted {}

fn shown(server: &&Server<'_>) -> String {
    example(server).map_or_else(
        || server.url.to_owned(),
        |origin| {
            if server.url.contains('{') { server.url.to_owned() } else { origin.to_string() }
        },
    )
}

/// Whether the server URL matches `origin` for some values of its variables.
fn names(server: &Server<'_>, origin: &Origin) -> bool {
    let Some((scheme, rest)) = server.url.split_once("://") else {
        // For a relative URL or a single variable, only the declared values count.
        return choices(server).any(|it| Origin::parse(&it).as_ref() == Some(origin));
    };
    if !server.url.contains('{') {
        return Origin::parse(server.url).as_ref() == Some(origin);
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let written = Pattern::of(&authority, server.variables);
    let full = format!("{}:{}", origin.host, origin.port);
    let usual = usual_port(&origin.scheme) == Some(origin.port);
    Pattern::of(&scheme.to_ascii_lowercase(), server.variables).fits(&origin.scheme)
        && (written.fits(&full) || usual && written.fits(&origin.host))
}

/// Returns the declared URLs of a server whose URL consists of one variable and an optional path.
fn choices<'a>(server: &Server<'a>) -> impl Iterator<Item = String> + use<'a> {
    let parts = server.url.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    let declared = parts.and_then(|(name, rest)| {
        server.variables.iter().find(|it| it.name == name).map(|declared| (declared, rest))
    });
    declared.into_iter().flat_map(|(declared, rest)| {
        let texts = declared.allowed.iter().copied().chain(declared.default);
        texts.map(move |text| format!("{text}{rest}"))
    })
}

/// Returns the origin of the server URL, with default or example values for its variables. Returns `None` if the
/// URL has no origin.
fn example(server: &Server<'_>) -> Option<Origin> {
    if !server.url.contains("://") {
        return choices(server).find_map(|it| Origin::parse(&it));
    }
    let mut url = server.url.to_owned();
    while let Some((before, (name, after))) =
        url.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        let declared = server.variables.iter().find(|it| it.name == name);
        let value = declared.and_then(|it| it.default.or(it.allowed.first().copied()));
        let value = value.unwrap_or(match (before, after.starts_with("://")) {
            ("", true) => "https",
            _ if before.ends_with(':') => "1",
            _ => "x",
        });
        url = format!("{before}{value}{after}");
    }
    Origin::parse(&url)
}

/// A server URL with variables, split into parts: literal text, and variables with their allowed values.
struct Pattern<'p>(Vec<Part<'p>>);

enum Part<'p> {
    Text(&'p str),
    OneOf(&'p [&'p str]),
    /// A variable matches letters, digits and `-._~`, so that no value can end the host or start a port.
    Anything,
}

impl<'p> Pattern<'p> {
    fn of(text: &'p str, variables: &'p [ServerVariable<'p>]) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, (name, after))) =
            rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            let declared = variables.iter().find(|it| it.name.eq_ignore_ascii_case(name));
            parts.push(Part::Text(before));
            parts.push(match declared.map(|it| it.allowed) {
                Some(allowed) if !allowed.is_empty() => Part::OneOf(allowed),
                _ => Part::Anything,
            });
            rest = after;
        }
        parts.push(Part::Text(rest));
        Self(parts)
    }

    /// Whether the whole of `text` matches the pattern. Each part is tried at each position only once, so the time
    /// is bounded.
    fn fits(&self, text: &str) -> bool {
        let mut reached = vec![false; text.len() + 1];
        reached[0] = true;
        for part in &self.0 {
            reached = part.ends(text, &reached);
        }
        reached[text.len()]
    }
}

impl Part<'_> {
    /// Returns the positions at which this part can end if it begins at one of `begins`.
    fn ends(&self, text: &str, begins: &[bool]) -> Vec<bool> {
        let mut ends = vec![false; begins.len()];
        let mut follow = |part: &str| {
            for at in (0..begins.len()).filter(|at| begins[*at]) {
                let is_there =
                    text.get(at..at + part.len()).is_some_and(|found| found.eq_ignore_ascii_case(part));
                if is_there {
                    ends[at + part.len()] = true;
                }
            }
        };
        match self {
            Self::Text(part) => follow(part),
            Self::OneOf(parts) => parts.iter().for_each(|part| follow(part)),
            Self::Anything => {
                for (at, byte) in text.bytes().enumerate() {
                    let is_plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
                    ends[at + 1] = is_plain && (begins[at] || ends[at]);
                }
            }
        }
        ends
    }
}

#[cfg(test)]
mod tests;
