//! What tells a secret from a text that only looks like one.

/// Gives the Shannon entropy of a text, in bits for each byte.
pub(super) fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let all = f64::from(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    let share = |count: &u32| f64::from(*count) / all;
    let used = counts.iter().filter(|count| **count > 0).map(share);
    used.map(|share| -share * share.log2()).sum()
}

/// Parts of texts that stand in the place of a secret, in lower case.
const PLACEHOLDERS: &[&str] = &[
    "example",
    "changeme",
    "change-me",
    "change_me",
    "placeholder",
    "redacted",
    "replace",
    "dummy",
    "sample",
    "your-",
    "your_",
    "xxxx",
    "0000000",
    "123456",
    "abcdef",
    "insert",
];

/// Says whether a text stands in the place of a secret.
pub(super) fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    PLACEHOLDERS.iter().any(|part| lower.contains(part))
}

/// Says whether a text is of Bech32 as [BIP 173](https://bips.dev/173/) has it, of any length.
pub(super) fn is_bech32(text: &str) -> bool {
    const LETTERS: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const STEPS: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    let lower = text.to_ascii_lowercase();
    if text != lower && text != text.to_ascii_uppercase() {
        return false;
    }
    let Some((name, data)) = lower.rsplit_once('1') else {
        return false;
    };
    let Some(data) = data
        .chars()
        .map(|c| LETTERS.find(c))
        .collect::<Option<Vec<_>>>()
    else {
        return false;
    };
    let high = name.bytes().map(|byte| u32::from(byte >> 5));
    let low = name.bytes().map(|byte| u32::from(byte & 31));
    let data_len = data.len();
    let data = data
        .into_iter()
        .map(|value| u32::try_from(value).unwrap_or(0));
    let values = high.chain([0]).chain(low).chain(data);
    let sum = values.fold(1_u32, |sum, value| {
        let top = sum >> 25;
        let start = ((sum & 0x01ff_ffff) << 5) ^ value;
        (0..5)
            .filter(|bit| (top >> bit) & 1 == 1)
            .fold(start, |sum, bit| sum ^ STEPS[bit])
    });
    data_len > 6 && sum == 1
}

/// Says whether the last six letters of a token are the CRC-32 of those before, in base 62, as
/// GitHub [has it](https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/).
pub(super) fn is_summed(token: &str) -> bool {
    let Some((body, sum)) = token.len().checked_sub(6).and_then(|at| {
        let is_ascii = token.is_ascii();
        is_ascii.then(|| token.split_at(at))
    }) else {
        return false;
    };
    let wanted = crc32(body.as_bytes());
    let digits = |upper_first: bool| {
        sum.bytes().try_fold(0_u64, |number, byte| {
            let digit = match byte {
                b'0'..=b'9' => byte - b'0',
                b'A'..=b'Z' if upper_first => byte - b'A' + 10,
                b'a'..=b'z' if upper_first => byte - b'a' + 36,
                b'a'..=b'z' => byte - b'a' + 10,
                b'A'..=b'Z' => byte - b'A' + 36,
                _ => return None,
            };
            Some(number * 62 + u64::from(digit))
        })
    };
    [true, false]
        .into_iter()
        .any(|upper_first| digits(upper_first) == Some(u64::from(wanted)))
}

/// Computes the CRC-32 of IEEE 802.3.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| match sum & 1 {
            1 => (sum >> 1) ^ 0xedb8_8320,
            _ => sum >> 1,
        })
    });
    !sum
}

/// Decodes base64 for URLs, without padding; a letter of another alphabet gives none.
pub(super) fn base64_url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut held, mut bits) = (0_u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        held = ((held << 6) | u32::from(value)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).unwrap_or(0));
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_that_of_shannon() {
        assert!(entropy(b"").abs() < 1e-9);
        assert!(entropy(b"aaaa").abs() < 1e-9);
        assert!((entropy(b"abab") - 1.0).abs() < 1e-9);
        assert!((entropy(b"abcdefgh") - 3.0).abs() < 1e-9);
    }

    #[test]
    fn checksums_are_those_of_their_standards() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert!(is_bech32(
            "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w"
        ));
        assert!(!is_bech32(
            "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3x"
        ));
        assert_eq!(base64_url("eyJhIjoxfQ").unwrap(), br#"{"a":1}"#);
        assert_eq!(base64_url("a+b"), None);
    }
}
