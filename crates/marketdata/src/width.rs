//! One body of code for each width of registers.

/// A function whose body is compiled for each width of registers; the machine's own is chosen.
///
/// `by_width!(pub fn name(argument: Type) -> Answer = body)`, where `body` is a function that is
/// always inlined.
#[macro_export]
macro_rules! by_width {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident(
        $($argument:ident: $type:ty),* $(,)?
    ) -> $answer:ty = $body:ident) => {
        $(#[$attribute])*
        $visibility fn $name($($argument: $type),*) -> $answer {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
                fn widest($($argument: $type),*) -> $answer {
                    $body($($argument),*)
                }
                #[target_feature(enable = "avx2")]
                fn wide($($argument: $type),*) -> $answer {
                    $body($($argument),*)
                }
                if std::arch::is_x86_feature_detected!("avx512dq")
                    && std::arch::is_x86_feature_detected!("avx512bw")
                    && std::arch::is_x86_feature_detected!("avx512vl")
                {
                    // SAFETY: the processor has the instructions; it was asked just now.
                    return unsafe { widest($($argument),*) };
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: as above.
                    return unsafe { wide($($argument),*) };
                }
            }
            $body($($argument),*)
        }
    };
}
