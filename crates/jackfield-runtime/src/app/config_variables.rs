//! Lists the variables to which an entry of a client refers.

use std::collections::BTreeSet;

use jackfield_clients::Variable;
use jackfield_recipe::{CredentialField, file_variable, names_secret};
use jackfield_vault::{FOLDER_VARIABLE, KEY_FILE_VARIABLE, PASSPHRASE_VARIABLE};

use crate::auth::{CredentialSlot, LocalSource};
use crate::call::{servers, settings};
use crate::common::environment::{Environment, Setting};

/// The variables to which an entry refers.
pub(super) struct EntryVariables {
    pub(super) referred: Vec<Variable>,
    pub(super) missing: MissingVariables,
}

/// The variables that the user still has to set. They are not set here, and no other source has their credentials.
#[derive(Default)]
pub(super) struct MissingVariables {
    /// The variables to which the entry refers.
    pub(super) referred: Vec<String>,
    /// The variables of passwords whose user names are missing too. The service may not need these passwords.
    pub(super) passwords: Vec<String>,
}

/// Lists the variables that a client has to pass on, because a client starts programs with fewer variables than a shell. They are the
/// connector's variables that are set here, and the usual variables of credentials that no source has.
pub(super) fn of(local: &LocalSource, environment: &Environment) -> EntryVariables {
    let connector = local.connector();
    let (mut referred, mut missing) = (Vec::new(), MissingVariables::default());
    let mut known = BTreeSet::new();
    let mut refer = |name: String, meaning: String, is_secret: bool| {
        if known.insert(name.clone()) {
            referred.push(Variable { name, meaning, is_secret });
        }
    };
    let needed = first_alternatives(local);
    // If the vault cannot be opened here, its credentials count as missing, because they can be set by variables
    // as well.
    let stored = local.vault().names().unwrap_or_default();
    for scheme in connector.schemes {
        let mut has_missing = false;
        for slot in CredentialSlot::of(connector, scheme) {
            let meaning = format!("{} of `{}`", slot.field.as_str().replace('_', " "), scheme.name);
            let is_secret = !matches!(slot.field, CredentialField::Username | CredentialField::ClientId);
            let mut found = false;
            for name in slot.variables() {
                let file = file_variable(&name);
                if environment.get(&name).is_some() {
                    found = true;
                    refer(name, meaning.clone(), is_secret);
                } else if environment.get(&file).is_some() {
                    found = true;
                    refer(file, format!("path of a file with the {meaning}"), false);
                }
            }
            let is_set = found || local.store().outlined(&slot).is_some() || stored.contains(&slot.record());
            let can_login = scheme.is_granted() && scheme.has_login();
            let is_missing = !is_set && !can_login && needed.contains(scheme.name) && slot.is_usual();
            if is_missing && !slot.is_optional() {
                has_missing = true;
                missing.referred.push(slot.variable());
                refer(slot.variable(), meaning, is_secret);
            } else if is_missing && has_missing && slot.field == CredentialField::Password {
                // If the user name is set, it can be the whole credential, such as an API key.
                missing.passwords.push(slot.variable());
            }
        }
    }
    let own = [
        (Setting::BaseUrl.variable(connector.name), "base URL of requests"),
        (Setting::Origins.variable(connector.name), "other origins that may receive credentials"),
        (Setting::CaFile.variable(connector.name), "a PEM file of certificates to trust"),
        (Setting::Files.variable(connector.name), "folders whose files tools may send"),
        (Setting::Downloads.variable(connector.name), "folders in which tools may store replies"),
        (FOLDER_VARIABLE.to_owned(), "folder of the vault"),
        (KEY_FILE_VARIABLE.to_owned(), "file with the key of the vault"),
    ];
    let own = own.into_iter().map(|(name, meaning)| (name, meaning.to_owned()));
    let all = own.chain(servers::variables(connector)).chain(settings::variables(connector));
    for (name, meaning) in all {
        if environment.get(&name).is_some() {
            // `meaning` contains the value of the setting, so a secret gets another text.
            let is_secret = names_secret(&name);
            let meaning = if is_secret { "a setting of requests".to_owned() } else { meaning };
            refer(name, meaning, is_secret);
        }
    }
    if environment.get(PASSPHRASE_VARIABLE).is_some() {
        refer(PASSPHRASE_VARIABLE.to_owned(), "passphrase of the vault".to_owned(), true);
    }
    EntryVariables { referred, missing }
}

/// Returns the schemes in the first security alternative of each tool. A call uses the first alternative if all its
/// credentials are set.
fn first_alternatives(local: &LocalSource) -> BTreeSet<&str> {
    let tools = local.connector().called_tools();
    tools
        .filter_map(|tool| tool.security.first())
        .flat_map(|needs| needs.iter().map(|need| need.scheme))
        .collect()
}
