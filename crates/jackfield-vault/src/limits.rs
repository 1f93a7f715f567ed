/// How many bytes a record's name may have.
pub const LONGEST_NAME: usize = 256;
/// How many bytes a secret may have.
pub const LONGEST_SECRET: usize = 64 * 1024;
/// How many records a vault may have.
pub const MOST_RECORDS: usize = 4096;

/// The largest size of the file in bytes, for reading and for writing.
pub(crate) const LARGEST_FILE: usize = 2 * 1024 * 1024;
