/** The names of what every Memphis broker makes at its first start, and which no stack declares. */
export const madeByTheBroker = { station: 'default', schema: 'demo-schema' } as const;
