//! Reads the published server that `registry` names, and the digest of its package.

use jackfield_recipe::shell_quoted;
use toml::de::DeTable;

use super::connector::{PackagePin, PublishedServer};
use super::reader::{Placed, Reader};

const SERVER: &str = "write `registry = \"NAME@VERSION\"`: `jackfield gateway find WORDS` finds servers";
const DIGEST: &str = "write the digest that `jackfield gateway add NAME@VERSION` has written";

/// The maximum lengths of a name and of a version in a registry.
const LONGEST_NAME: usize = 200;
const LONGEST_VERSION: usize = 255;

/// Reads `registry`.
pub(super) fn published(reader: &Reader<'_>, value: &Placed<'_>) -> Option<PublishedServer> {
    let offset = value.span().start;
    let text = reader.text(value, SERVER)?;
    let Some((name, version)) = text.split_once('@') else {
        reader.refuse(offset, format!("`{text}` has no version"), SERVER);
        return None;
    };
    if !is_name(name) {
        let problem = format!("`{name}` cannot be the name of a published server");
        reader.refuse(offset, problem, "write a name such as `io.github.user/weather`");
        return None;
    }
    if !is_version(version) {
        let problem = format!("`{version}` is not one version of a server");
        reader.refuse(offset, problem, "write one version, as in `1.0.2`");
        return None;
    }
    Some(PublishedServer { name: name.to_owned(), version: version.to_owned() })
}

/// Reads `digest`.
pub(super) fn pin(
    reader: &Reader<'_>,
    table: &DeTable<'_>,
    server: &PublishedServer,
    offset: usize,
) -> Option<PackagePin> {
    let Some(value) = table.get("digest") else {
        let problem = "`registry` has neither the `digest` of a package nor a `url`";
        let remedy = format!("run `jackfield gateway add {}`", shell_quoted(&server.to_string()));
        reader.refuse(offset, problem, remedy);
        return None;
    };
    let digest = reader.text(value, DIGEST)?;
    let hex = digest.strip_prefix("sha256:").unwrap_or_default();
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if hex.len() != 64 || !hex.bytes().all(is_digit) {
        reader.refuse(
            value.span().start,
            "`digest` is not `sha256:` with 64 lower-case hexadecimal digits",
            DIGEST,
        );
        return None;
    }
    Some(PackagePin { server: server.clone(), digest, folder: std::path::PathBuf::new() })
}

/// Whether `name` can be the name of a server in a registry: a reverse domain name, a slash, and a name in it.
fn is_name(name: &str) -> bool {
    let is_part = |part: &str, more: &str| {
        !part.is_empty() && part.chars().all(|char| char.is_ascii_alphanumeric() || more.contains(char))
    };
    name.len() <= LONGEST_NAME
        && name.split_once('/').is_some_and(|(space, own)| is_part(space, ".-") && is_part(own, "._-"))
}

/// Whether `version` names one version, and no range of versions.
fn is_version(version: &str) -> bool {
    let is_known = |char: char| char.is_ascii_alphanumeric() || "._+-".contains(char);
    let is_wildcard = |part: &str| part.eq_ignore_ascii_case("x");
    version.starts_with(|char: char| char.is_ascii_alphanumeric())
        && version.len() <= LONGEST_VERSION
        && version != "latest"
        && version.chars().all(is_known)
        && !version.split('.').any(is_wildcard)
}
