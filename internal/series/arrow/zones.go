package arrow

import "encoding/binary"

// SchemaZones reads the zones of columns of timestamps from a schema message of Arrow, in which programs keep them that write
// other formats. Zones are by the names of the columns, and UTC is among them. A message that is damaged has none.
func SchemaZones(message []byte) map[string]string {
	zones := make(map[string]string)
	body, ok := messageBody(message)
	if !ok {
		return nil
	}
	f := flatbuffer{body}
	root, err := f.root()
	if err != nil || f.byteField(root, messageKind) != headerSchema {
		return nil
	}
	schema, err := f.child(root, messageHeader)
	if err != nil || schema == 0 || f.schema(schema, new(headers)) != nil {
		return nil
	}
	err = f.each(schema, schemaFields, func(at int) error {
		if f.byteField(at, fieldTypeKind) != typeTimestamp {
			return nil
		}
		name, err := f.text(at, fieldName)
		if err != nil {
			return err
		}
		kind, err := f.child(at, fieldType)
		if err != nil || kind == 0 {
			return err
		}
		if zone, err := f.text(kind, timestampZone); err == nil && zone != "" {
			zones[name] = zone
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return zones
}

// messageBody is the metadata of the message at the beginning of b: after the marker, which older versions of the format do
// not have, and the length.
func messageBody(b []byte) ([]byte, bool) {
	if len(b) >= 4 && binary.LittleEndian.Uint32(b) == continuation {
		b = b[4:]
	}
	if len(b) < 4 {
		return nil, false
	}
	size := binary.LittleEndian.Uint32(b)
	if b = b[4:]; uint64(size) > uint64(len(b)) {
		return nil, false
	}
	return b[:size], true
}
