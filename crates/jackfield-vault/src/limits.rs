/// The maximum length of a record's name, in bytes.
pub const LONGEST_NAME: usize = 256;
/// The maximum length of a secret, in bytes.
pub const LONGEST_SECRET: usize = 64 * 1024;
/// The maximum number of records in a vault.
pub const MOST_RECORDS: usize = 4096;

/// The maximum size of the file, in bytes.
pub(crate) const LARGEST_FILE: usize = 2 * 1024 * 1024;
