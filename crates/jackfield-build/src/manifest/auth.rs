//! `[auth]`: authentication details that documents omit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::refusal::{Refusal, Span};
use super::scheme::{self, SchemeChoice, WrittenScheme};

/// The choices about authentication.
#[derive(Clone, Debug, Default)]
pub(crate) struct Auth {
    /// Origins besides the servers that may receive credentials.
    pub(crate) origins: Vec<String>,
    /// A file of certificates, and its position in connector.toml.
    pub(crate) ca: Option<(PathBuf, Span)>,
    /// The alternatives of the security requirement for operations without requirements. Each alternative lists
    /// schemes that are needed together.
    pub(crate) require: Vec<(Vec<String>, Span)>,
    /// The position of `inherit_empty`. With this key, operations that have an empty `security` inherit the document's requirements.
    pub(crate) inherit_empty: Option<Span>,
    /// The choices about schemes, by scheme name.
    pub(crate) schemes: BTreeMap<String, SchemeChoice>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenAuth {
    #[serde(default)]
    origins: Vec<Spanned<String>>,
    ca: Option<Spanned<String>>,
    #[serde(default)]
    require: Vec<Spanned<WrittenAlternative>>,
    inherit_empty: Option<Spanned<bool>>,
    #[serde(default)]
    schemes: BTreeMap<Spanned<String>, WrittenScheme>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "the name of a scheme, or a list of names that are needed together")]
enum WrittenAlternative {
    One(String),
    Together(Vec<String>),
}

pub(super) fn parse(written: WrittenAuth, folder: &Path) -> Result<Auth, Refusal> {
    let mut origins = Vec::new();
    for origin in written.origins {
        let whole = self::origin(origin.get_ref()).ok_or_else(|| {
            let problem = format!("`{}` is not an origin", origin.get_ref());
            Refusal::new(
                origin.span(),
                problem,
                "write an origin such as `https://uploads.example.com`, without a path",
            )
        })?;
        if !origins.contains(&whole) {
            origins.push(whole);
        }
    }
    let mut require = Vec::new();
    for alternative in written.require {
        let span = alternative.span();
        let names = match alternative.into_inner() {
            WrittenAlternative::One(name) => vec![name],
            WrittenAlternative::Together(names) => names,
        };
        if names.is_empty() {
            let help = "name a scheme, or remove the empty alternative; to call these operations without a credential, remove `require`";
            return Err(Refusal::new(span, "an empty alternative requires no scheme", help));
        }
        require.push((names, span));
    }
    let mut schemes = BTreeMap::new();
    for (name, written) in written.schemes {
        let span = name.span();
        schemes.insert(name.into_inner(), scheme::parse(written, span)?);
    }
    let ca = written.ca.map(|path| (folder.join(path.get_ref()), path.span()));
    let inherit_empty = written.inherit_empty.filter(|it| *it.get_ref()).map(|it| it.span());
    Ok(Auth { origins, ca, require, inherit_empty, schemes })
}

/// Converts an origin (scheme, host and optional port) to lower case. Returns `None` for any other text.
fn origin(text: &str) -> Option<String> {
    let whole = jackfield_openapi::endpoint(text).ok()?.to_ascii_lowercase();
    let (_, rest) = whole.split_once("://")?;
    (!rest.contains(['/', '?', '*'])).then_some(whole)
}
