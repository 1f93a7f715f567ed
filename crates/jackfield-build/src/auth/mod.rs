//! Applies the choices of connector.toml about authentication to the model.

mod names;
mod pem;
mod scheme;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;

use jackfield_model::{Connector, Diagnostic, Need, Requirement, Scheme, WireName};
use jackfield_openapi::Lowered;

use crate::error::Error;
use crate::manifest::{Manifest, Refusal};

/// The choices about schemes while a document is lowered, and errors about those that do not fit.
pub(crate) struct Choice<'m> {
    manifest: &'m Manifest,
    errors: RefCell<Vec<Diagnostic>>,
}

impl<'m> Choice<'m> {
    pub(crate) const fn of(manifest: &'m Manifest) -> Self {
        Self { manifest, errors: RefCell::new(Vec::new()) }
    }

    /// Adds to the schemes that the document declares.
    pub(crate) fn schemes(&self, schemes: &mut Vec<Scheme>) {
        let mut errors = self.errors.borrow_mut();
        for (name, choice) in &self.manifest.auth.schemes {
            let made = scheme::choose(self.manifest, name, choice, schemes);
            errors.extend(made.err().map(|refusal| self.manifest.refuse(refusal)));
        }
        schemes.sort_by(|a, b| a.name.cmp(&b.name));
        let known = |name: &String| schemes.iter().any(|scheme| scheme.name.as_str() == name);
        for (names, span) in &self.manifest.auth.require {
            if let Some(name) = names.iter().find(|name| !known(name)) {
                let problem = format!("no security scheme is called `{name}`{}", scheme::there_are(schemes));
                errors.push(self.manifest.unmatched(span.clone(), problem));
            }
        }
    }

    /// The requirements of operations for which the document states none.
    pub(crate) fn require(&self) -> Vec<Requirement> {
        let need = |name: &String| Need {
            scheme: WireName::new(name.as_str()).expect("any text is a wire name"),
            scopes: Vec::new(),
        };
        let alternatives = self.manifest.auth.require.iter().map(|(names, _)| {
            let mut needs: Vec<Need> = names.iter().map(need).collect();
            needs.sort_by(|a, b| a.scheme.cmp(&b.scheme));
            needs.dedup();
            Requirement { needs }
        });
        alternatives.collect()
    }

    /// The choices that could not be made, and those that chose nothing.
    pub(crate) fn unmatched(self, lowered: &Lowered) -> Vec<Diagnostic> {
        let mut errors = self.errors.into_inner();
        if !errors.is_empty() {
            return errors;
        }
        let auth = &self.manifest.auth;
        let needed: BTreeSet<&WireName> = lowered.connector.needs().map(|need| &need.scheme).collect();
        let schemes = || lowered.connector.schemes.iter().filter(|scheme| needed.contains(&scheme.name));
        let unneeded =
            auth.schemes.iter().filter(|(name, _)| !schemes().any(|scheme| scheme.is_called(name)));
        errors.extend(unneeded.map(|(name, choice)| {
            let problem = format!("no operation that becomes a tool needs `{name}` in [auth.schemes]");
            self.manifest.unmatched(choice.span.clone(), problem)
        }));
        if let Some((_, span)) = auth.require.first().filter(|_| !lowered.is_required) {
            let problem = "`require` applies to operations without security requirements, and there are none";
            errors.push(self.manifest.unmatched(span.clone(), problem.to_owned()));
        }
        if let Some(span) = auth.inherit_empty.as_ref().filter(|_| !lowered.has_empty) {
            let problem = "`inherit_empty` is for operations with an empty `security`, and there are none";
            errors.push(self.manifest.unmatched(span.clone(), problem.to_owned()));
        }
        errors
    }
}

/// Makes the choices that are about the connector as a whole, after nothing is left in it that is not needed.
///
/// # Errors
/// The file of certificates cannot be read, or holds something else.
pub(crate) fn finish(manifest: &Manifest, connector: &mut Connector) -> Result<Vec<Diagnostic>, Error> {
    connector.headers.clone_from(&manifest.headers);
    connector.origins.clone_from(&manifest.auth.origins);
    connector.named =
        manifest.named_origins().into_iter().filter(|it| !connector.origins.contains(it)).collect();
    if let Some((path, span)) = &manifest.auth.ca {
        let text = fs::read_to_string(path).map_err(|error| Error::file(path, "read", &error))?;
        connector.authorities = pem::certificates(&text).map_err(|problem| {
            let problem = format!("{} {problem}", path.display());
            let help = "name a file that holds nothing but certificates in PEM, of whoever signs those of the service";
            Error::plain(manifest.refuse(Refusal::new(span.clone(), problem, help)))
        })?;
    }
    names::rename(manifest, connector);
    Ok(names::shared(connector))
}
