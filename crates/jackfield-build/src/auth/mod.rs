//! Applies the choices of connector.toml about authentication to the model.

mod names;
mod pem;
mod scheme;

use std::collections::BTreeSet;
use std::fs;

use jackfield_model::{Connector, Diagnostic, Need, Requirement, Scheme, WireName};
use jackfield_openapi::Lowered;

use crate::error::Error;
use crate::manifest::{Manifest, Refusal};

/// Applies the rules of connector.toml to the declared schemes. Returns the changed schemes, and findings about rules that cannot be
/// applied.
pub(crate) fn schemes(manifest: &Manifest, mut schemes: Vec<Scheme>) -> (Vec<Scheme>, Vec<Diagnostic>) {
    let mut errors = Vec::new();
    for (name, choice) in &manifest.auth.schemes {
        let made = scheme::choose(manifest, name, choice, &mut schemes);
        errors.extend(made.err().map(|refusal| manifest.refuse(refusal)));
    }
    schemes.sort_by(|a, b| a.name.cmp(&b.name));
    let is_known = |name: &String| schemes.iter().any(|scheme| scheme.name.as_str() == name);
    for (names, span) in &manifest.auth.require {
        if let Some(name) = names.iter().find(|name| !is_known(name)) {
            let problem = format!("no security scheme is called `{name}`{}", scheme::there_are(&schemes));
            errors.push(manifest.unmatched(span.clone(), problem));
        }
    }
    (schemes, errors)
}

/// Returns the security requirements in connector.toml, for operations of a document that declares no requirements.
pub(crate) fn require(manifest: &Manifest) -> Vec<Requirement> {
    let need = |name: &String| Need { scheme: WireName::from(name.as_str()), scopes: Vec::new() };
    let alternatives = manifest.auth.require.iter().map(|(names, _)| {
        let mut needs: Vec<Need> = names.iter().map(need).collect();
        needs.sort_by(|a, b| a.scheme.cmp(&b.scheme));
        needs.dedup();
        Requirement { needs }
    });
    alternatives.collect()
}

/// Findings about choices that match nothing in the lowered document.
pub(crate) fn unmatched(manifest: &Manifest, lowered: &Lowered) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    let auth = &manifest.auth;
    if let Some((_, span)) = auth.require.first().filter(|_| !lowered.is_required) {
        let problem = "`require` has no effect: every operation declares its own security requirements; remove `require`";
        errors.push(manifest.unmatched(span.clone(), problem.to_owned()));
    }
    if let Some(span) = auth.inherit_empty.as_ref().filter(|_| !lowered.has_empty) {
        let problem =
            "`inherit_empty` has no effect: no operation has an empty `security`; remove `inherit_empty`";
        errors.push(manifest.unmatched(span.clone(), problem.to_owned()));
    }
    errors
}

/// Findings about schemes in connector.toml that no tool needs. They are computed last, because rules about tools determine which
/// parameters are credentials.
pub(crate) fn unneeded(manifest: &Manifest, connector: &Connector) -> Vec<Diagnostic> {
    let needed: BTreeSet<&WireName> = connector.needs().map(|need| &need.scheme).collect();
    let schemes = || connector.schemes.iter().filter(|scheme| needed.contains(&scheme.name));
    let unneeded =
        manifest.auth.schemes.iter().filter(|(name, _)| !schemes().any(|scheme| scheme.is_called(name)));
    let findings = unneeded.map(|(name, choice)| {
        let problem = format!(
            "`{name}` in [auth.schemes] is not needed: no operation that becomes a tool requires this scheme"
        );
        manifest.unmatched(choice.span.clone(), problem)
    });
    findings.collect()
}

/// Applies the choices about the whole connector, after unused parts were removed.
///
/// # Errors
/// Returns an error if the certificate file cannot be read, or contains anything other than certificates.
pub(crate) fn finish(manifest: &Manifest, connector: &mut Connector) -> Result<Vec<Diagnostic>, Error> {
    connector.headers.clone_from(&manifest.headers);
    connector.origins.clone_from(&manifest.auth.origins);
    connector.named =
        manifest.named_origins().into_iter().filter(|it| !connector.origins.contains(it)).collect();
    if let Some((path, span)) = &manifest.auth.ca {
        let text = fs::read_to_string(path).map_err(|error| Error::file(path, "read", &error))?;
        connector.authorities = pem::certificates(&text).map_err(|problem| {
            let problem = format!("{} {problem}", path.display());
            let help = "name a PEM file that contains only certificates: those of the authorities that sign the service's certificate";
            Error::plain(manifest.refuse(Refusal::new(span.clone(), problem, help)))
        })?;
    }
    names::rename(manifest, connector);
    Ok(names::shared(connector))
}
