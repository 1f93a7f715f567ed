//! Binary data in an argument.

/// The bytes of an argument, with the media type and file name that it gives.
#[derive(Default)]
pub(crate) struct ArgumentBytes {
    pub(crate) bytes: Vec<u8>,
    /// Empty if the argument gives none.
    pub(crate) media_type: String,
    pub(crate) file_name: Option<String>,
}
