//! The text form of OpenPGP, read without leniency.
//!
//! See <https://www.rfc-editor.org/rfc/rfc9580.html#name-forming-ascii-armor>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What the text form holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Signature,
    Keys,
}

impl Block {
    const fn begin(self) -> &'static str {
        match self {
            Self::Signature => "-----BEGIN PGP SIGNATURE-----",
            Self::Keys => "-----BEGIN PGP PUBLIC KEY BLOCK-----",
        }
    }

    const fn end(self) -> &'static str {
        match self {
            Self::Signature => "-----END PGP SIGNATURE-----",
            Self::Keys => "-----END PGP PUBLIC KEY BLOCK-----",
        }
    }
}

/// Reads one signature, and nothing beside it.
///
/// # Errors
///
/// What is wrong with it.
pub(super) fn signature(text: &[u8]) -> Result<Vec<u8>, &'static str> {
    // No signature that a program makes comes near.
    const MOST: usize = 16 << 10;
    if text.len() > MOST {
        return Err("it is too long for a signature");
    }
    let text = std::str::from_utf8(text).map_err(|_| "it is no text")?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let mut lines = text.split('\n');
    if lines.next() != Some(Block::Signature.begin()) {
        return Err("it does not begin as one");
    }
    let bytes = block(Block::Signature, &mut lines)?;
    match lines.next() {
        None => Ok(bytes),
        Some(next) if next == Block::Signature.begin() => Err("it holds more than one signature"),
        Some(_) => Err("something stands after it"),
    }
}

/// Reads the blocks of keys of a file; between them may stand empty lines, and lines that begin
/// with `#`. An error says in which line, from 1, and what.
///
/// # Errors
///
/// What is wrong with it.
pub(super) fn keys(text: &[u8]) -> Result<Vec<Vec<u8>>, (usize, &'static str)> {
    let text = std::str::from_utf8(text).map_err(|_| {
        (
            1,
            "this is no text; keys are exported as text with `--armor`",
        )
    })?;
    let all = text.lines().count();
    let mut lines = text.lines();
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        let number = all - lines.clone().count();
        let line = line.trim_end();
        if line == Block::Keys.begin() {
            blocks.push(block(Block::Keys, &mut lines).map_err(|what| (number, what))?);
        } else if line.starts_with("-----BEGIN PGP PRIVATE KEY") {
            return Err((
                number,
                "this is a private key, and whoever reads this repository has it now",
            ));
        } else if !line.is_empty() && !line.starts_with('#') {
            return Err((number, "this is no public key in the text form of OpenPGP"));
        }
    }
    Ok(blocks)
}

/// Reads what follows the first line of a block, to its last line.
fn block<'t>(
    of: Block,
    lines: &mut impl Iterator<Item = &'t str>,
) -> Result<Vec<u8>, &'static str> {
    // Text files may have been written with the line ends of another system; signatures never are.
    let mut next = || -> Result<&'t str, &'static str> {
        let line = lines.next().ok_or("it has no end")?;
        Ok(match of {
            Block::Signature => line,
            Block::Keys => line.trim_end(),
        })
    };
    // Headers are covered by the name of the object, and say nothing.
    loop {
        let line = next()?;
        if line.is_empty() {
            break;
        }
        let is_header = line.split_once(": ").is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        if !is_header {
            return Err("no empty line stands before what it holds");
        }
    }
    let mut digits = String::new();
    let mut sum = None;
    loop {
        let line = next()?;
        if line == of.end() {
            break;
        }
        if sum.is_some() {
            return Err("something stands after its checksum");
        }
        match line.strip_prefix('=') {
            Some(check) => {
                sum = Some(
                    STANDARD
                        .decode(check)
                        .map_err(|_| "its checksum cannot be read")?,
                )
            }
            None if line.is_empty() => return Err("an empty line stands in it"),
            None => digits.push_str(line),
        }
    }
    let bytes = STANDARD.decode(&digits).map_err(|_| "it cannot be read")?;
    match sum {
        Some(sum) if sum != checksum(&bytes) => Err("its checksum is wrong"),
        _ => Ok(bytes),
    }
}

/// The checksum of the text form: CRC-24.
///
/// See <https://www.rfc-editor.org/rfc/rfc9580.html#name-optional-checksum>.
fn checksum(bytes: &[u8]) -> [u8; 3] {
    let mut sum: u32 = 0x00b7_04ce;
    for byte in bytes {
        sum ^= u32::from(*byte) << 16;
        for _ in 0..8 {
            sum <<= 1;
            if sum & 0x0100_0000 != 0 {
                sum ^= 0x0186_4cfb;
            }
        }
    }
    let [_, a, b, c] = sum.to_be_bytes();
    [a, b, c]
}
