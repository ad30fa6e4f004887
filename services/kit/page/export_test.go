package page

// For the fuzz target, which must reach the decoder without a valid MAC.
var (
	Encode = encode
	Decode = decode
)
