//! Checks which package would be fetched: its name, its version, its registry and its digest.

use jackfield_recipe::origin_of;

use super::finding::{Finding, FindingCode, quoted};
use crate::entry::package::{Package, PackageKind};
use crate::entry::version::ExactVersion;

/// Checks which package would be fetched.
pub(super) fn check(package: &Package, place: &str, findings: &mut Vec<Finding>) {
    if !package.kind.is_supported() {
        findings.push(Finding::refused(
            FindingCode::PackageKind,
            format!("{place}/registryType"),
            format!("packages of the kind {} are not started", quoted(package.kind.as_str())),
            "use a package of npm, PyPI or cargo, an MCP bundle, or a remote server of this entry",
        ));
    }
    if !is_identifier(&package.kind, &package.identifier) {
        findings.push(Finding::refused(
            FindingCode::PackageIdentifier,
            format!("{place}/identifier"),
            format!("{} is not {}", quoted(&package.identifier), grammar(&package.kind)),
            "its manager could read it as an option, an address or another version, so it is not fetched",
        ));
    }
    findings.extend(version(package, place));
    findings.extend(digest(package, place));
    findings.extend(registry(package, place));
}

fn version(package: &Package, place: &str) -> Option<Finding> {
    let refused = |problem: String| {
        let remedy = "ask the publisher for an exact version, because another one could be fetched tomorrow";
        Some(Finding::refused(FindingCode::PackageVersion, format!("{place}/version"), problem, remedy))
    };
    let text = match (&package.version, &package.kind) {
        (Some(version), _) => version.as_str(),
        // The digest of the file determines the bundle, and an image can contain its version.
        (None, PackageKind::Mcpb) => return None,
        (None, PackageKind::Oci) => match oci_version(&package.identifier) {
            Some(version) => version,
            None => return refused("the image has neither a version nor a digest".to_owned()),
        },
        (None, _) => return refused("the package has no version".to_owned()),
    };
    if text.starts_with("sha256:") && package.kind == PackageKind::Oci {
        return None;
    }
    if let Err(problem) = ExactVersion::parse(text) {
        return refused(format!("{} is not an exact version: {problem}", quoted(text)));
    }
    let needs_all = matches!(package.kind, PackageKind::Npm | PackageKind::Cargo);
    if needs_all && !ExactVersion::is_semantic(text) {
        let kind = &package.kind;
        return refused(format!(
            "{} is not a complete version, so {kind} reads it as a range or a tag",
            quoted(text)
        ));
    }
    None
}

/// Returns the digest or the tag of an image reference.
fn oci_version(reference: &str) -> Option<&str> {
    if let Some((_, digest)) = reference.split_once('@') {
        return Some(digest);
    }
    let last = reference.rsplit('/').next().unwrap_or_default();
    last.split_once(':').map(|(_, tag)| tag)
}

fn digest(package: &Package, place: &str) -> Option<Finding> {
    let is_digest = |text: &str| {
        text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let problem = match &package.file_sha256 {
        Some(digest) if is_digest(digest) => return None,
        Some(digest) => format!("{} is not a SHA-256 digest", quoted(digest)),
        None if package.kind == PackageKind::Mcpb => "the bundle has no digest".to_owned(),
        None => return None,
    };
    let remedy =
        "without it, the file at the address can be replaced unnoticed; ask the publisher for the digest";
    Some(Finding::refused(FindingCode::PackageDigest, format!("{place}/fileSha256"), problem, remedy))
}

/// Checks that the package is in the registry that its manager uses.
fn registry(package: &Package, place: &str) -> Option<Finding> {
    let url = package.registry_base_url.as_deref()?;
    let hosts: &[&str] = match &package.kind {
        PackageKind::Npm => &["registry.npmjs.org", "www.npmjs.com"],
        PackageKind::Pypi => &["pypi.org"],
        PackageKind::Cargo => &["crates.io", "index.crates.io", "static.crates.io"],
        PackageKind::Nuget => &["api.nuget.org"],
        // The identifier contains the address.
        PackageKind::Oci | PackageKind::Mcpb | PackageKind::Other(_) => return None,
    };
    let origin = origin_of(url);
    let is_known = |host: &&str| origin.as_deref() == Some(format!("https://{host}").as_str());
    if hosts.iter().any(is_known) {
        return None;
    }
    let kind = &package.kind;
    let problem =
        format!("the package is in the registry {}, which {kind} does not use by itself", quoted(url));
    let remedy =
        "the manager would fetch a package of the same name from its own registry, so nothing is fetched";
    Some(Finding::refused(FindingCode::PackageRegistry, format!("{place}/registryBaseUrl"), problem, remedy))
}

/// Whether a text is a name in the grammar of its manager, without anything that a manager also accepts instead of a name: options,
/// addresses, files, aliases, versions.
fn is_identifier(kind: &PackageKind, text: &str) -> bool {
    match kind {
        PackageKind::Npm => is_npm_name(text),
        PackageKind::Pypi => is_python_name(text),
        PackageKind::Cargo => is_crate_name(text),
        PackageKind::Mcpb => is_file_url(text),
        PackageKind::Oci => is_image(text),
        PackageKind::Nuget => is_python_name(text),
        // It is not fetched anyway.
        PackageKind::Other(_) => true,
    }
}

const fn grammar(kind: &PackageKind) -> &'static str {
    match kind {
        PackageKind::Npm => "the name of a package of npm",
        PackageKind::Pypi => "the name of a package of PyPI",
        PackageKind::Cargo => "the name of a crate",
        PackageKind::Mcpb => "an https URL of a bundle",
        PackageKind::Oci => "the reference of an image",
        PackageKind::Nuget => "the name of a package of NuGet",
        PackageKind::Other(_) => "a name",
    }
}

fn is_npm_name(text: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._~".contains(&byte))
    };
    text.len() <= 214
        && match text.strip_prefix('@') {
            Some(scoped) => {
                scoped.split_once('/').is_some_and(|(scope, name)| is_part(scope) && is_part(name))
            }
            None => is_part(text),
        }
}

fn is_python_name(text: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 200
        && ends(text.chars().next())
        && ends(text.chars().last())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

fn is_crate_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn is_file_url(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&byte);
    !host.is_empty() && !host.contains('@') && rest.bytes().all(fits) && origin_of(text).is_some()
}

fn is_image(text: &str) -> bool {
    let (name, digest) = match text.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (text, None),
    };
    let is_digest = |digest: &str| {
        digest
            .strip_prefix("sha256:")
            .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte))
    };
    name.len() <= 512 && name.split('/').all(is_part) && digest.is_none_or(is_digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifier_is_a_name_and_nothing_else() {
        use PackageKind::{Cargo, Mcpb, Npm, Oci, Pypi};
        let image = format!("docker.io/ada/weather@sha256:{}", "a".repeat(64));
        for (kind, text) in [
            (Npm, "@modelcontextprotocol/server-everything"),
            (Npm, "left-pad"),
            (Pypi, "mcp-server-time"),
            (Pypi, "Mcp.Server_Git"),
            (Cargo, "rust_mcp-server"),
            (Mcpb, "https://github.com/ada/weather/releases/download/v1/weather.mcpb"),
            (Oci, "docker.io/ada/weather:1.0.0"),
            (Oci, "localhost:5000/weather"),
            (Oci, image.as_str()),
        ] {
            assert!(is_identifier(&kind, text), "{kind} {text}");
        }
        for (kind, texts) in [
            (
                Npm,
                &[
                    "git+https://example.com/a.git",
                    "git@example.com:a/b",
                    "file:../a",
                    "../a",
                    "./a",
                    "/a",
                    "https://example.com/a.tgz",
                    "npm:left-pad",
                    "x@npm:left-pad",
                    "left-pad@1.0.0",
                    "@a/b@latest",
                    "-g",
                    "--registry=x",
                    "@-a/b",
                    "@a/-b",
                    "@a/b/c",
                    "a/b",
                    "@a",
                    "@/b",
                    "",
                    " left-pad",
                    "left pad",
                    "left-pad\n",
                    "Left-Pad",
                    "lеft-pad",
                    ".a",
                    "a;b",
                ][..],
            ),
            (
                Pypi,
                &[
                    "a==1",
                    "a>=1",
                    "a[extra]",
                    "a @ https://example.com/a.whl",
                    "git+https://example.com/a",
                    "-r",
                    "--index-url",
                    "./a",
                    "a; os_name",
                    "a-",
                    ".a",
                    "",
                    "a b",
                    "а",
                ],
            ),
            (Cargo, &["a@1", "--git", "-Z", "https://example.com/a", "a/b", "1a", "", "a b", "../a", "a.b"]),
            (
                Mcpb,
                &[
                    "http://example.com/a.mcpb",
                    "https://",
                    "https:///a",
                    "https://me@example.com/a.mcpb",
                    "file:///a.mcpb",
                    "a.mcpb",
                    "https://example.com/a b",
                    "https://example.com/a\n",
                    "-o",
                    "HTTPS://example.com/a",
                    "https://example.com/{a}",
                ],
            ),
            (Oci, &["-v", "a b", "", "/a", "a//b", "a/-b", "a@sha256:1", "--privileged", "a@latest"]),
        ] {
            for text in texts {
                assert!(!is_identifier(&kind, text), "{kind} {text}");
            }
        }
    }
}
