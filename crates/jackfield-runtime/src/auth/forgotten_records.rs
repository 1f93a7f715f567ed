//! Deletes all records of a connector from the vault.

use super::principal_records::without_principal;
use super::program_secrets::ProgramSecretsError;
use super::records::Records as _;
use super::vault::UserVault;
use crate::common::environment::Environment;

/// Deletes all records of a connector from the vault: the credentials, tokens and OAuth clients that belong to the service or to a
/// principal. The tokens are not revoked at the authorization server. Returns the number of deleted records.
///
/// # Errors
/// Returns an error if the vault cannot be read or written.
pub fn forget_records(connector: &str, environment: &Environment) -> Result<usize, ProgramSecretsError> {
    let vault = UserVault::new(environment.clone());
    let names = vault.names().map_err(ProgramSecretsError::of)?;
    let mut count = 0;
    for name in names {
        let of_connector = without_principal(&name).and_then(|own| own.strip_prefix(connector));
        if of_connector.is_some_and(|rest| rest.starts_with('/')) {
            count += usize::from(vault.remove(&name).map_err(ProgramSecretsError::of)?);
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::program_secrets::ProgramSecrets;
    use crate::common::caller::Principal;
    use crate::common::secret::Secret;

    #[tokio::test]
    async fn forgetting_deletes_only_the_credentials_of_the_given_connector() {
        let folder = tempfile::tempdir().unwrap();
        let vault = folder.path().join("vault").display().to_string();
        let environment = Environment::of([
            ("JACKFIELD_VAULT", vault.as_str()),
            ("JACKFIELD_VAULT_PASSPHRASE", "passphrase of the test"),
        ]);
        assert_eq!(forget_records("gateway-git", &environment).unwrap(), 0);
        let long = Principal::Token("x".repeat(200));
        let ada = Principal::Token("ada".to_owned());
        let confusing = Principal::Token("\" gateway-git/".to_owned());
        for (name, owner) in [
            ("gateway-git", None),
            ("gateway-git", Some(&ada)),
            ("gateway-git", Some(&long)),
            ("gateway-git-more", None),
            ("gateway-gi", Some(&ada)),
            ("gateway-docs", Some(&confusing)),
        ] {
            let secrets = ProgramSecrets::new(name, "command", owner, &environment);
            secrets.put("TOKEN", Secret::new("canary".to_owned())).await.unwrap();
        }
        assert_eq!(forget_records("gateway-git", &environment).unwrap(), 3);
        assert_eq!(UserVault::new(environment.clone()).names().unwrap().len(), 3);
        assert_eq!(forget_records("gateway-docs", &environment).unwrap(), 1);
    }
}
