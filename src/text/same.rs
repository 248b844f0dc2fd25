//! How far two texts are the same.

/// How many bytes are compared at once: that is fast where nearly all are the same.
const AT_ONCE: usize = 64;

/// Says with how many bytes both begin.
pub(crate) fn same_start(one: &[u8], other: &[u8]) -> usize {
    let chunks = one.chunks_exact(AT_ONCE).zip(other.chunks_exact(AT_ONCE));
    let start = AT_ONCE * chunks.take_while(|(a, b)| a == b).count();
    let rest = one[start..].iter().zip(&other[start..]);
    start + rest.take_while(|(a, b)| a == b).count()
}

/// Says with how many bytes both end.
pub(crate) fn same_end(one: &[u8], other: &[u8]) -> usize {
    let chunks = one.rchunks_exact(AT_ONCE).zip(other.rchunks_exact(AT_ONCE));
    let end = AT_ONCE * chunks.take_while(|(a, b)| a == b).count();
    let [one, other] = [one, other].map(|it| it[..it.len() - end].iter().rev());
    end + one.zip(other).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_told_to_the_byte() {
        let text: Vec<u8> = (0..200).map(|number| number as u8).collect();
        for length in [0, 1, 63, 64, 65, 128, 200] {
            let one = &text[..length];
            assert_eq!(same_start(one, &text), length);
            assert_eq!(same_end(&text[200 - length..], &text), length);
            for at in 0..length {
                let mut other = one.to_vec();
                other[at] ^= 1;
                assert_eq!(same_start(one, &other), at);
                assert_eq!(same_end(one, &other), length - at - 1);
            }
        }
    }
}
