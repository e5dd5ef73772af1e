package arrow

// SchemaZones reads the zones of columns of timestamps from a schema message of Arrow, in which programs keep them that write
// other formats. Zones are by the names of the columns, and UTC is among them. A message that is damaged has none.
func SchemaZones(message []byte) map[string]string {
	zones := make(map[string]string)
	f, _, err := nextMessage(message)
	if err != nil || f.data == nil {
		return nil
	}
	root, err := f.root()
	if err != nil || f.byteField(root, messageKind) != headerSchema {
		return nil
	}
	schema, err := f.child(root, messageHeader)
	if err != nil || f.schemaMessage(root, new(headers)) != nil {
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
