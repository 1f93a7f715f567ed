//! Bytes that an argument holds or names.

/// Bytes as an argument gives them, with what it says of them.
#[derive(Default)]
pub(crate) struct ArgumentBytes {
    pub(crate) bytes: Vec<u8>,
    /// Empty where nothing is said.
    pub(crate) media_type: String,
    pub(crate) file_name: Option<String>,
}
