//! The byte layout of every record, told once by its definition, for readers in other languages.

/// The type of a field as `NumPy` names it, or the fields of a record within the record.
#[derive(Debug, Clone, Copy)]
pub enum FieldType {
    /// A `NumPy` type string such as `<u8`.
    Scalar(&'static str),
    /// Two unsigned 64-bit words, low first.
    Words,
    /// Text or reserved bytes of this length.
    Bytes(usize),
    /// The fields of a record that stands at this place.
    Nested(&'static [Field]),
}

/// One field of a record.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name.
    pub name: &'static str,
    /// Bytes from the record's start.
    pub offset: usize,
    /// What stands there.
    pub field_type: FieldType,
}

/// A record with a known layout.
pub trait Layout {
    /// The record's name.
    const NAME: &'static str;
    /// Bytes.
    const SIZE: usize;
    /// The fields in order.
    const FIELDS: &'static [Field];
}

/// A type that a field can have.
pub(crate) trait FieldLike {
    const FIELD_TYPE: FieldType;
}

macro_rules! scalar {
    ($($ty:ty => $code:literal),+) => {
        $(impl FieldLike for $ty { const FIELD_TYPE: FieldType = FieldType::Scalar($code); })+
    };
}
scalar!(u8 => "u1", u16 => "<u2", u32 => "<u4", u64 => "<u8", i32 => "<i4", i64 => "<i8");

impl FieldLike for [u64; 2] {
    const FIELD_TYPE: FieldType = FieldType::Words;
}

impl<const N: usize> FieldLike for [u8; N] {
    const FIELD_TYPE: FieldType = FieldType::Bytes(N);
}

impl<const N: usize> FieldLike for crate::Text<N> {
    const FIELD_TYPE: FieldType = FieldType::Bytes(N);
}

/// Defines a record: the struct, its size checked at compile time, and its layout.
macro_rules! record {
    ($(#[$meta:meta])* $name:ident, $size:literal {
        $($(#[$field_meta:meta])* $field:ident: $ty:ty,)+
    }) => {
        $(#[$meta])*
        #[repr(C)]
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq,
            zerocopy::FromBytes, zerocopy::IntoBytes, zerocopy::Immutable, zerocopy::KnownLayout,
        )]
        pub struct $name { $($(#[$field_meta])* pub $field: $ty,)+ }

        const _: () = assert!(size_of::<$name>() == $size);
        const _: () = assert!(align_of::<$name>() <= 8);

        impl $crate::layout::Layout for $name {
            const NAME: &'static str = stringify!($name);
            const SIZE: usize = $size;
            const FIELDS: &'static [$crate::layout::Field] = &[$($crate::layout::Field {
                name: stringify!($field),
                offset: core::mem::offset_of!($name, $field),
                field_type: <$ty as $crate::layout::FieldLike>::FIELD_TYPE,
            }),+];
        }

        impl $crate::layout::FieldLike for $name {
            const FIELD_TYPE: $crate::layout::FieldType =
                $crate::layout::FieldType::Nested(<$name as $crate::layout::Layout>::FIELDS);
        }

        impl $name {
            /// The record's bytes, as they stand in a log.
            #[must_use]
            pub fn as_record_bytes(&self) -> &[u8] {
                zerocopy::IntoBytes::as_bytes(self)
            }
        }
    };
}
pub(crate) use record;

/// The name, size and fields of a record.
pub type NamedLayout = (&'static str, usize, &'static [Field]);

/// Every record of the protocol.
#[must_use]
pub fn layouts() -> Vec<NamedLayout> {
    fn named<T: Layout>() -> NamedLayout {
        (T::NAME, T::SIZE, T::FIELDS)
    }
    vec![
        named::<crate::OrderRecord>(),
        named::<crate::ExtendedOrderRecord>(),
        named::<crate::AmountOrderRecord>(),
        named::<crate::MassCancelRecord>(),
        named::<crate::AdminRecord>(),
        named::<crate::ListRecord>(),
        named::<crate::InstrumentRecord>(),
        named::<crate::InstrumentLimitsRecord>(),
        named::<crate::AssetRecord>(),
        named::<crate::AccountRecord>(),
        named::<crate::FundsRecord>(),
        named::<crate::SettleRecord>(),
        named::<crate::EventRecord>(),
        named::<crate::LogHeader>(),
    ]
}
