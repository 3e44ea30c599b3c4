import { deflateRawSync, crc32 } from 'node:zlib';

import { Document, HeadingLevel, Packer, Paragraph, Table, TableCell, TableRow } from 'docx';
import { describe, expect, it } from 'vitest';

import { parseDocument } from '../parse-document.ts';

type Member = { name: string; content: Buffer; declaredBytes?: number };

/** A ZIP archive (APPNOTE 6.3) with the sizes that a member declares, which may be lies. */
function zip(members: Member[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content, declaredBytes = content.length } of members) {
    const packed = deflateRawSync(content);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(declaredBytes, 18);
    fields.writeUInt16LE(name.length, 22);
    const entry = Buffer.concat([
      Buffer.from('PK\x01\x02\x14\0', 'latin1'),
      fields,
      Buffer.alloc(14),
      Buffer.from(name),
    ]);
    entry.writeUInt32LE(offset, 42);
    central.push(entry);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), packed]);
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

const parse = (bytes: Uint8Array): ReturnType<typeof parseDocument> =>
  parseDocument({ bytes, fileName: 'letter.docx' });

function word(): Promise<Buffer> {
  return Packer.toBuffer(
    new Document({
      title: 'Tea & Cups',
      sections: [
        {
          children: [
            new Paragraph({ text: 'About tea', heading: HeadingLevel.TITLE }),
            new Paragraph('Pour it slowly.'),
            new Paragraph({ text: 'Cups', heading: HeadingLevel.HEADING_2 }),
            new Paragraph({ text: 'small', bullet: { level: 0 } }),
            new Table({
              rows: [
                new TableRow({
                  children: ['a', 'b'].map((text) => new TableCell({ children: [new Paragraph(text)] })),
                }),
              ],
            }),
          ],
        },
      ],
    }),
  );
}

describe('parseDocx', () => {
  it('should read headings, paragraphs, lists, tables and the title', async () => {
    const parsed = await parse(await word());
    expect(parsed.format).toBe('docx');
    expect(parsed.title).toBe('Tea & Cups');
    expect(parsed.text).toBe('About tea\n\nPour it slowly.\n\nCups\n\n- small\n\na | b');
    expect(parsed.blocks.map(({ kind }) => kind)).toEqual(['heading', 'prose', 'heading', 'list', 'table']);
    expect(parsed.blocks[3]?.headingPath).toEqual(['About tea', 'Cups']);
  });

  it('should refuse an archive that unpacks to more than 100 MB before it unpacks it', async () => {
    const bomb = zip([
      { name: 'word/document.xml', content: Buffer.from('<w/>') },
      { name: 'a.bin', content: Buffer.from('x'), declaredBytes: 101 * 1024 * 1024 },
    ]);
    await expect(parse(bomb)).rejects.toMatchObject({
      code: 'document_too_complex',
      message: expect.stringMatching(/100 MB/),
    });
  });

  it('should refuse a part that packs too well to be writing', async () => {
    const bomb = zip([{ name: 'word/document.xml', content: Buffer.alloc(20 * 1024 * 1024, 'a') }]);
    await expect(parse(bomb)).rejects.toMatchObject({
      code: 'document_too_complex',
      message: expect.stringMatching(/times its size/),
    });
  });

  it('should refuse a part whose size is a lie', async () => {
    const bomb = zip([
      { name: 'word/document.xml', content: Buffer.alloc(1024 * 1024, 'a'), declaredBytes: 10 },
    ]);
    await expect(parse(bomb)).rejects.toMatchObject({ code: 'document_unreadable' });
  });

  it('should refuse thousands of entries', async () => {
    const content = Buffer.from('');
    const members = Array.from({ length: 5001 }, (_, index) => ({
      name: `word/document.xml${index}`,
      content,
    }));
    await expect(parse(zip(members))).rejects.toMatchObject({
      code: 'document_too_complex',
      message: expect.stringMatching(/5001 entries/),
    });
  });

  it('should name a document that is cut off, or without a body, or without text', async () => {
    const bytes = await word();
    await expect(parse(bytes.subarray(0, bytes.length - 400))).rejects.toMatchObject({
      code: 'document_unreadable',
    });
    await expect(
      parse(zip([{ name: 'word/document.xml', content: Buffer.from('<not-word/>') }])),
    ).rejects.toMatchObject({
      code: 'document_unreadable',
    });
    const blank = await Packer.toBuffer(new Document({ sections: [{ children: [new Paragraph(' ')] }] }));
    await expect(parse(blank)).rejects.toMatchObject({ code: 'document_without_text' });
  });
});
