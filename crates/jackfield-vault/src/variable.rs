/// The environment variable that names the folder of the vault.
pub const FOLDER_VARIABLE: &str = "JACKFIELD_VAULT";
/// The environment variable that contains the passphrase of the vault.
pub const PASSPHRASE_VARIABLE: &str = "JACKFIELD_VAULT_PASSPHRASE";
/// The environment variable that names the key file of the vault.
pub const KEY_FILE_VARIABLE: &str = "JACKFIELD_VAULT_KEY_FILE";
