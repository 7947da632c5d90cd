import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';
import { CloudError } from '../../world/errors.ts';

const NAMESPACE = 'http://mns.aliyuncs.com/doc/v1/';

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  trimValues: false,
  removeNSPrefix: true,
  // Numeric character references are decoded only together with this; the named ones beyond XML's five are refused before.
  htmlEntities: true,
  processEntities: { enabled: true, maxTotalExpansions: 1_000_000, maxExpandedLength: 10_000_000 },
});
const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', processEntities: true });

/** An element's content: text, children by name (`undefined` = left out), or several elements of one name. */
export type XmlContent =
  | string
  | number
  | { readonly [name: string]: XmlContent | ReadonlyArray<XmlContent> | undefined };

/**
 * The document as plain data: elements by name, all values text, white space in values kept, several elements of one
 * name an array. Throws `MalformedXML` (400) for what is not well formed, and for a document type, which nothing needs.
 */
export function parseXml(text: string): Record<string, unknown> {
  const outsideCdata = text.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, '');
  if (/<!(?:DOCTYPE|ENTITY)/i.test(outsideCdata)) throw malformed();
  if (/&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)/i.test(outsideCdata)) throw malformed();
  if (XMLValidator.validate(text) !== true) throw malformed();
  try {
    return parser.parse(text) as Record<string, unknown>;
  } catch {
    throw malformed();
  }
}

/** A whole document with one root element in the product's namespace. */
export function writeXml(root: string, content: XmlContent): string {
  const attributed = typeof content === 'object' ? { '@xmlns': NAMESPACE, ...content } : content;
  const document = builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    [root]: attributed,
  });
  // A bare carriage return would reach the reader as a line feed.
  return document.replaceAll('\r', '&#xD;');
}

function malformed(): CloudError {
  return new CloudError(400, 'MalformedXML', 'The XML you provided was not well-formed.');
}
