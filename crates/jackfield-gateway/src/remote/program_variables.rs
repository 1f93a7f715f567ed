//! The variables of programs and of servers over HTTP whose values are in the vault.

use jackfield_runtime::{Environment, Principal, ProgramSecrets, Secret};

use crate::account::{login_command, vault_name};
use crate::config::ConnectorKind;
use crate::wire::link_fault::{LinkFault, NoAccount};

/// Reads the secret variables of a connector from the vault: the variables of `owner`, or of the gateway if `owner` is `None`.
///
/// # Errors
/// Returns an error if a variable is missing, or if the vault cannot be read.
pub(crate) fn secrets_of(
    name: &str,
    kind: &ConnectorKind,
    owner: Option<&Principal>,
    environment: &Environment,
) -> Result<Vec<(String, Secret)>, LinkFault> {
    if kind.secrets().is_empty() {
        return Ok(Vec::new());
    }
    let stored = program_secrets(name, kind, owner, environment);
    let fault = |why: Option<String>| match owner {
        Some(owner) => LinkFault::NoAccount(NoAccount { owner: owner.clone(), why }),
        None => {
            let why = why.unwrap_or_else(|| "a variable in `secrets` is not in the vault".to_owned());
            LinkFault::Unsent(format!("{why}: run `{}`", login_command(name, None)))
        }
    };
    let variables = kind.secrets().iter().map(|variable| {
        let value = stored.get(variable).map_err(|error| fault(Some(format!("you have to {error}"))))?;
        Ok((variable.clone(), value.ok_or_else(|| fault(None))?))
    });
    variables.collect()
}

/// Opens the secret variables of a connector in the vault. They are bound to its command or URL.
pub(crate) fn program_secrets(
    name: &str,
    kind: &ConnectorKind,
    owner: Option<&Principal>,
    environment: &Environment,
) -> ProgramSecrets {
    ProgramSecrets::new(&vault_name(name), &kind.digest(), owner, environment)
}
